"""An example book of two pages. Build it with: sphinx-build -W . _build/html."""

project = "The ferry, counted"
author = "The ferry people"
extensions = ["myst_nb", "sphinx_findings"]
exclude_patterns = ["_build"]
nb_execution_mode = "force"
nb_execution_raise_on_error = True
findings_software = "the ferry's own arithmetic"
