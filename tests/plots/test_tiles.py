import pytest

from couveuse.core.settings import SettingsProblem, load_settings
from couveuse.web.headers import security

IGN = (
    "https://data.geopf.fr/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&STYLE=normal"
    "&LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2&FORMAT=image/png&TILEMATRIXSET=PM"
    "&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}"
)


def images(tiles_url: str | None) -> str:
    (policy,) = [one.value for one in security(tiles_url) if one.name == "content-security-policy"]
    (images,) = [one for one in str(policy).split("; ") if one.startswith("img-src")]
    return images


def test_without_tiles_every_image_is_our_own():
    assert load_settings(tiles_url=None).tiles_url is None
    assert images(None) == "img-src 'self' data: blob:"


def test_the_content_policy_lets_in_the_one_host_of_the_tiles():
    assert load_settings(tiles_url=IGN).tiles_url == IGN
    assert images(IGN).endswith(" https://data.geopf.fr")
    assert images("https://{s}.tuiles.example/{z}/{x}/{y}.png").endswith(
        " https://*.tuiles.example"
    )


@pytest.mark.parametrize(
    "address",
    [
        "https://tuiles.example/",
        "ftp://tuiles.example/{z}/{x}/{y}",
        "javascript:alert({z}{x}{y})",
        "https://tuiles.example;script-src/{z}/{x}/{y}",
        "https://tuiles.example /{z}/{x}/{y}",
        "https://a@tuiles.example/{z}/{x}/{y}",
        "https://tuiles.example/{z}/{x}/{y}\nx",
    ],
)
def test_an_address_that_is_no_tiles_is_refused(address):
    with pytest.raises(SettingsProblem, match="une adresse de tuiles"):
        load_settings(tiles_url=address)
