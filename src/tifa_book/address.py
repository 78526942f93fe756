"""The public address of the site: one setting, TIFA_SITE_URL.

Where it is empty, whatever needs it (canonical links, sitemap, Open Graph) is left out. In the
same way TIFA_REPOSITORY_URL, the public address of the repository, gives every notebook a button
that opens it on Binder; without it there is none. launch.py says more below the chapter.
"""

from __future__ import annotations

import os

from sphinx.application import Sphinx
from sphinx.config import Config


def configure(app: Sphinx, config: Config) -> None:
    """Set what hangs on the two addresses."""
    if os.environ.get("TIFA_REPOSITORY_URL"):
        config.html_theme_options = {
            **config.html_theme_options,
            "repository_url": os.environ["TIFA_REPOSITORY_URL"].rstrip("/"),
            "repository_branch": os.environ.get("TIFA_REPOSITORY_BRANCH", "main"),
            "launch_buttons": {
                "binderhub_url": "https://mybinder.org",
                "notebook_interface": "jupyterlab",
            },
        }
    if os.environ.get("TIFA_SITE_URL"):
        config.html_baseurl = os.environ["TIFA_SITE_URL"]
        config.sitemap_url_scheme = "{link}"
        config.ogp_site_url = config.html_baseurl
        config.ogp_site_name = config.html_title
        config.ogp_social_cards = {"enable": False}
        config.ogp_enable_meta_description = False  # page_metadata.py writes it


def load_extensions(app: Sphinx) -> None:
    """Load what writes the sitemap and the Open Graph tags."""
    if os.environ.get("TIFA_SITE_URL"):
        app.setup_extension("sphinx_sitemap")
        app.setup_extension("sphinxext.opengraph")
