"""Léa's figures in the demonstration: a year of a market garden, and what she had planned."""

from typing import NamedTuple

from couveuse.followup.models import HeadingKind


class LineFacts(NamedTuple):
    kind: str
    name: str
    months: dict[int, str]
    """By number of the month in the year; months that are missing brought or cost nothing."""
    planned: str
    """For the year, spread over it."""


LINES = (
    LineFacts(
        HeadingKind.SALE,
        "Marché",
        {
            1: "212.40",
            2: "180.00",
            3: "246.80",
            4: "418.50",
            5: "795.20",
            6: "1184.60",
            7: "1362.75",
            8: "1290.10",
            9: "1105.30",
            10: "842.00",
            11: "505.90",
            12: "388.20",
        },
        "8400",
    ),
    LineFacts(
        HeadingKind.SALE,
        "AMAP ou paniers",
        {
            5: "640.00",
            6: "960.00",
            7: "960.00",
            8: "768.00",
            9: "960.00",
            10: "960.00",
            11: "720.00",
            12: "480.00",
        },
        "7200",
    ),
    LineFacts(
        HeadingKind.SALE,
        "Restaurant du Lion d'Or",
        {6: "184.30", 7: "236.00", 8: "251.40", 9: "142.00", 10: "96.50"},
        "900",
    ),
    LineFacts(
        HeadingKind.COST,
        "Semences et plants",
        {1: "486.20", 2: "612.75", 3: "354.10", 4: "228.00", 6: "145.90", 8: "172.35", 11: "98.00"},
        "2100",
    ),
    LineFacts(
        HeadingKind.COST,
        "Terreau, amendements, paillage",
        {2: "318.00", 3: "264.50", 5: "142.80", 10: "210.00"},
        "1000",
    ),
    LineFacts(
        HeadingKind.COST,
        "Carburant et énergie",
        {
            1: "38.40",
            2: "41.20",
            3: "62.75",
            4: "88.10",
            5: "96.40",
            6: "104.85",
            7: "112.30",
            8: "109.95",
            9: "98.60",
            10: "84.15",
            11: "57.30",
            12: "44.00",
        },
        "960",
    ),
    LineFacts(
        HeadingKind.COST,
        "Participation à l'espace-test",
        dict.fromkeys(range(1, 13), "75.00"),
        "900",
    ),
    LineFacts(
        HeadingKind.COST,
        "Emballages",
        {4: "124.00", 7: "86.40", 9: "52.10"},
        "240",
    ),
)
HOURS = {
    1: "86",
    2: "104",
    3: "152",
    4: "178",
    5: "204",
    6: "212.5",
    7: "208",
    8: "196",
    9: "184",
    10: "168",
    11: "121",
    12: "92",
}
WORDS = {
    3: "Gel tardif : un tiers des salades de plein champ perdu.",
    6: "Premiers paniers, et le restaurant qui appelle de lui-même.",
    8: "Deux semaines sans pluie, beaucoup d'arrosage.",
}
