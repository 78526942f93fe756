"""Run the notebooks that a build reads side by side, as many at a time as there are cores.

MyST-NB runs notebooks one after another. With ``execute_notebooks: cache`` it takes the outputs of
a notebook from Jupyter Cache if they are there; so this module runs the notebooks first and puts
their outputs there. Outputs of an earlier build are never taken: notebooks also read tables and
code, which Jupyter Cache does not compare.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment


def run_notebooks(app: Sphinx, env: BuildEnvironment, pages: Sequence[str]) -> None:
    """Run those of the pages that are notebooks, and keep their outputs for MyST-NB.

    A notebook that fails is not kept; MyST-NB runs it again and reports the error.
    """
    options = env.mystnb_config  # type: ignore[attr-defined]
    if options.execution_mode != "cache":
        return
    shutil.rmtree(options.execution_cache_path, ignore_errors=True)
    cache = get_cache(options.execution_cache_path)
    paths = [path for page in pages if (path := Path(env.doc2path(page))).suffix == ".ipynb"]
    paths.sort(key=lambda path: path.stat().st_size, reverse=True)  # long ones first

    def run(path: Path) -> ExecutionResult:
        return single_nb_execution(
            nbformat.read(path, as_version=4),  # type: ignore[no-untyped-call]
            cwd=str(path.parent),
            timeout=options.execution_timeout,
            allow_errors=options.execution_allow_errors,
        )

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, result in zip(paths, pool.map(run, paths), strict=True):
            if result.err is None:
                data = {"execution_seconds": result.time}
                bundle = CacheBundleIn(result.nb, str(path), data=data)
                cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
