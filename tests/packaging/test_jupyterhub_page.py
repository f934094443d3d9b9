"""docs/jupyterhub.md names every trait of the gateway with its default, and every scope that issue 4 promises."""

from pathlib import Path

from jupyter_plant_together.server.gateway import Gateway
from jupyter_plant_together.util.variables import GATEWAY_URL, INTERNAL_GATEWAY_URL

PAGE = (Path(__file__).parents[2] / "docs" / "jupyterhub.md").read_text(encoding="utf-8")
OWN = ("ip", "port", "service_name", "subdomain_host")


def test_every_trait_of_the_gateway_is_documented_with_its_default() -> None:
    for name in OWN:
        default = Gateway.class_traits()[name].default_value or "JUPYTERHUB_HOST"
        assert f"| `Gateway.{name}` | `{default}` |" in PAGE
    traits = set(Gateway.class_own_traits(config=True))
    assert {name for name in traits if Gateway.class_traits()[name].this_class is Gateway} == set(OWN)


def test_the_variables_are_those_that_the_code_reads() -> None:
    for name in (GATEWAY_URL, INTERNAL_GATEWAY_URL, "JUPYTERHUB_API_TOKEN", "JUPYTERHUB_HOST"):
        assert f"`{name}`" in PAGE or f"{name}=" in PAGE or f'"{name}"' in PAGE
