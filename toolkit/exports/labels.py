"""Labels that a line-based format cannot write, told before anything is written."""

from toolkit.errors import UsageError
from toolkit.schema import Schema

# Other formats keep a label in a string of its own, where every character is one.
ANYWHERE = ("labelstudio", "bigbio")


def check_labels(schema: Schema, format_name: str, forbidden: str = "") -> None:
    """UsageError names every label of the schema that has a blank in it, or a character of `forbidden`."""
    labels = [*schema.entities, *schema.relations]
    wrong = [label for label in labels if not label or any(char.isspace() or char in forbidden for char in label)]
    if wrong:
        also = f" or one of {' '.join(forbidden)}" if forbidden else ""
        what = f"{format_name} cannot write a label with a blank{also} in it: {', '.join(map(repr, wrong))}"
        raise UsageError(what, fix=f"Rename it in configs/labels.yaml, or export to {' or '.join(ANYWHERE)}.")
