"""HTML pages: one file each, without network or script, in the one look of templates/page.html.j2."""


def render(package: str, template: str, **values: object) -> str:
    """A page from a template of `package`, which may extend page.html.j2 and import parts.html.j2.

    All values are escaped. What a template names and is not given is an error, not a blank.
    """
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("toolkit")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(**values)
