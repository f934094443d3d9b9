"""docs/configuration.md names every trait with its default."""

from pathlib import Path

from jupyter_plant_together.server.app import PlantTogether
from jupyter_plant_together.server.traits import RoomTraits

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text()


def test_every_trait_is_documented_with_its_default() -> None:
    traits = {**RoomTraits.class_own_traits(config=True), **PlantTogether.class_own_traits(config=True)}
    for name, trait in traits.items():
        assert f"| `{name}` |" in PAGE, name
        if name != "database_path":
            assert f"| `{name}` | `{trait.default_value!r}` | {trait.help} |" in PAGE, name
