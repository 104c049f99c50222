"""Outlets and costs that are offered to somebody who begins to keep figures."""

from couveuse.core.i18n import N_
from couveuse.followup.models import HeadingKind

GIVEN = {
    HeadingKind.SALE: (
        N_("Marché"),
        N_("AMAP ou paniers"),
        N_("Vente à la ferme"),
        N_("Magasin de producteurs"),
        N_("Boutiques et épiceries"),
        N_("Restaurants"),
        N_("Cantines"),
        N_("Vente en gros"),
        N_("Autres ventes"),
    ),
    HeadingKind.COST: (
        N_("Semences et plants"),
        N_("Terreau, amendements, paillage"),
        N_("Animaux et aliments"),
        N_("Eau"),
        N_("Carburant et énergie"),
        N_("Petit matériel"),
        N_("Location de matériel"),
        N_("Emballages"),
        N_("Place de marché, livraisons"),
        N_("Participation à l'espace-test"),
        N_("Assurances et cotisations"),
        N_("Autres dépenses"),
    ),
}
KINDS = {HeadingKind.SALE: N_("Débouchés"), HeadingKind.COST: N_("Dépenses")}
