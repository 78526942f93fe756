"""The public address of the site: one setting, TIFA_SITE_URL.

Where it is empty, whatever needs it (canonical links, sitemap, Open Graph) is left out. In the
same way TIFA_REPOSITORY_URL, the public address of the repository, gives every notebook a button
that opens it on Binder; without it there is none. launch.py says more below the chapter.
"""

from __future__ import annotations

import os

from sphinx.application import Sphinx
from sphinx.config import Config


def set_address(app: Sphinx, config: Config) -> None:
    config.html_baseurl = os.environ.get("TIFA_SITE_URL", "")
    config.ogp_site_url = config.html_baseurl
    config.ogp_site_name = config.html_title
    config.ogp_social_cards = {"enable": False}
    config.ogp_enable_meta_description = False  # page_metadata.py writes it


def set_launch_buttons(app: Sphinx, config: Config) -> None:
    config.html_theme_options = {
        **config.html_theme_options,
        "repository_url": os.environ["TIFA_REPOSITORY_URL"].rstrip("/"),
        "repository_branch": os.environ.get("TIFA_REPOSITORY_BRANCH", "main"),
        "launch_buttons": {
            "binderhub_url": "https://mybinder.org",
            "notebook_interface": "jupyterlab",
        },
    }


def setup(app: Sphinx) -> dict[str, bool]:
    if os.environ.get("TIFA_REPOSITORY_URL"):
        # before the theme reads its options
        app.connect("config-inited", set_launch_buttons, priority=100)
    if os.environ.get("TIFA_SITE_URL"):
        app.connect("config-inited", set_address, priority=100)
        app.setup_extension("sphinx_sitemap")
        app.setup_extension("sphinxext.opengraph")
        app.config.sitemap_url_scheme = "{link}"
    return {"parallel_read_safe": True, "parallel_write_safe": True}
