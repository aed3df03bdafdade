"""The labelling configuration, written and read; Label Studio's own library is the oracle."""

from pathlib import Path

import pytest
from label_studio_sdk.label_interface import LabelInterface

from toolkit.errors import ConfigError
from toolkit.labelstudio.reading.template import labelling_config, schema_from_config
from toolkit.project import Tags
from toolkit.schema import EntityType, RelationType, Schema, TextDisplay, read_schema

LABELS = Path(__file__).parents[2] / "configs" / "labels.yaml"
TAGS = Tags(labels="ner", text="article", data_key="body")
ODD = Schema(
    entities={
        "A&B": EntityType(ar="شخص <ما>", en='a "quoted" one', color="#A1b2C3", hotkey="1"),
        "ذو مسافة [1]": EntityType(en="only English"),
        "قصير": EntityType(),
    },
    relations={"has: a/b": RelationType(), "None": RelationType()},
)


@pytest.mark.parametrize("schema", [read_schema(LABELS), ODD], ids=["ours", "odd"])
def test_reading_the_configuration_gives_the_labels_back(schema):
    back, tags = schema_from_config(labelling_config(schema, TAGS))
    assert dict(back.entities) == dict(schema.entities)
    assert list(back.entities) == list(schema.entities)
    assert list(back.relations) == list(schema.relations)
    assert tags == TAGS
    assert back.text.direction == "rtl"


@pytest.mark.parametrize("schema", [read_schema(LABELS), ODD], ids=["ours", "odd"])
def test_label_studio_reads_the_same_labels(schema):
    interface = LabelInterface(labelling_config(schema, TAGS))
    interface.validate()
    assert interface.get_control("ner").labels == list(schema.entities)
    assert [tag.get("value") for tag in interface._tree.iter("Relation")] == list(schema.relations)
    (text,) = interface._objects.values()
    assert (text.name, text.value_name) == ("article", "body")


def test_text_is_laid_out_as_annotators_need_it():
    xml = labelling_config(read_schema(LABELS), Tags())
    assert 'granularity="symbol"' in xml
    assert '<View style="direction: rtl; text-align: right">' in xml
    assert ".lsf-htx-richtext{white-space:pre-wrap" in xml
    left = Schema(entities={"A": EntityType()}, text=TextDisplay(language="en", direction="ltr"))
    assert "direction: ltr" in labelling_config(left, Tags())
    assert xml == labelling_config(read_schema(LABELS), Tags())


FOREIGN = """<?xml version="1.0"?>
<View>
  <Header value="$title"/>
  <Text name="title" value="$title"/>
  <Choices name="topic" toName="body" choice="single"><Choice value="x"/></Choices>
  <View><labels name="tags" toName="body">
    <Label value="Person" alias="PER" background="#abc" hotkey="1"/>
    <Label value="Organisation" background="red" hotkey="1"/>
    <Label value="Organisation"/>
    <Label value="Place" hotkey="no such key" hint="where it is"/>
  </labels>
  <Labels name="form" toName="body"><Label value="NAM" hotkey="Ctrl+B"/></Labels></View>
  <Text name="body" value="$content" granularity="word"/>
  <Relations><Relation value="org:founded_by"/><Relation/></Relations>
</View>"""


def test_a_foreign_configuration_is_read():
    schema, tags = schema_from_config(FOREIGN)
    assert tags == Tags(labels="tags", text="body", data_key="content")
    assert list(schema.entities) == ["PER", "Organisation", "Place", "NAM"]
    assert schema.entities["PER"] == EntityType(en="Person", color="#aabbcc", hotkey="1")
    assert schema.entities["Organisation"] == EntityType()
    assert schema.entities["Place"] == EntityType(en="where it is")
    assert schema.entities["NAM"].hotkey == "ctrl+b"
    assert list(schema.relations) == ["org:founded_by"]
    assert schema.text.direction == "ltr"


LABELS_TAG = '<Labels name="l" toName="t"><Label value="A"/></Labels>'


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        (
            f'<View>\n{LABELS_TAG}<Text name="t" value="$t">\n</View>',
            r"config\.xml:3:\d+: not valid XML: mismatched tag",
        ),
        ("", "not valid XML: no element found"),
        (f'<View>{LABELS_TAG}<HyperText name="t" value="$t"/></View>', "HyperText"),
        (f'<View>{LABELS_TAG}<Audio name="t" value="$t"/></View>', "the file has: Audio, Label, Labels, View"),
        ('<View><Text name="t" value="$t"/></View>', "no Labels tag points at a Text tag"),
        ('<View><Labels name="l" toName="t" value="$l"/><Text name="t" value="$t"/></View>', "no Label in it"),
        (f'<View>{LABELS_TAG}<Text name="t" value="$t" valueType="url"/></View>', "valueType=url"),
        (f'<View>{LABELS_TAG}<Text name="t" value="fixed"/></View>', "expected \\$ and a key"),
        (
            '<View><Labels name="l" toName="t"><Label/></Labels><Text name="t" value="$t"/></View>',
            "a Label has no value",
        ),
        (
            f'<View>{LABELS_TAG}<Labels name="m" toName="u"><Label value="B"/></Labels>'
            '<Text name="t" value="$t"/><Text name="u" value="$u"/></View>',
            "several Text tags are labelled",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(xml, reason):
    with pytest.raises(ConfigError, match=reason) as caught:
        schema_from_config(xml, "config.xml")
    assert caught.value.exit_code == 2
