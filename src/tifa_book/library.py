"""The reference of the library, made from its docstrings.

Types in signatures are printed as they are; only what a docstring links to on purpose has to
be there.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment


def print_types(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, shown: nodes.TextElement
) -> nodes.Node | None:
    """A type of another library is a word, not a broken link."""
    if node.get("refdomain") == "py" and node.get("reftype") in ("class", "obj", "exc"):
        return shown
    return None


def load_autodoc(app: Sphinx) -> None:
    """Load autodoc, and say how it prints the library."""
    app.setup_extension("sphinx.ext.autodoc")
    app.setup_extension("sphinx.ext.napoleon")
    app.config.autodoc_default_options = {"no-value": True}
    app.config.autodoc_member_order = "bysource"
    app.config.autodoc_typehints_format = "short"
    # said by their short names, as the source says them
    app.config.autodoc_type_aliases = {
        "npt.ArrayLike": "ArrayLike",
        "npt.NDArray[np.float64]": "Floats",
        "Floats": "Floats",
    }
    app.config.add_module_names = False
    app.config.napoleon_google_docstring = False
    app.config.napoleon_use_rtype = False
