"""Notebooks run on a Jupyter server, as in JupyterLab."""

import asyncio
import json
import os
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
from conftest import DATA, ROOT
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

pytest.importorskip("jupyter_server", reason="needs jupyter-server")
pytestmark = pytest.mark.slow

TOKEN = uuid.uuid4().hex
#: One chapter and one notebook of a study; the build of the book runs every cell of each.
NOTEBOOKS = ["notebooks/where.ipynb", "src/tifa/study/templates/study/notebooks/02-phrases.ipynb"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a Jupyter server for the repository, on a free port."""
    home = tmp_path_factory.mktemp("jupyter")
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": "0",
        "ServerApp.open_browser": "False",
        "ServerApp.root_dir": str(ROOT),
        "ServerApp.allow_root": "True",
        "IdentityProvider.token": TOKEN,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyter_server", *(f"--{k}={v}" for k, v in options.items())],
        env=os.environ
        | {
            "TIFA_DATA": str(DATA),
            "JUPYTER_RUNTIME_DIR": str(home),
            "JUPYTER_CONFIG_DIR": str(home),
            "JUPYTER_DATA_DIR": str(home),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 90
        while not (found := list(home.glob("jpserver-*.json"))):
            assert process.poll() is None, "the server did not start"
            assert time.monotonic() < until, "the server is not ready"
            time.sleep(0.2)
        yield json.loads(found[0].read_text("utf-8"))["url"]
    finally:
        process.terminate()
        process.wait(timeout=30)


async def ask(url, method="GET", content=None):
    body = None if content is None else json.dumps(content)
    request = HTTPRequest(
        url, method=method, body=body, headers={"Authorization": f"token {TOKEN}"}
    )
    for _ in range(50):
        try:
            answer = await AsyncHTTPClient().fetch(request)
            return json.loads(answer.body) if answer.body else {}
        except (ConnectionRefusedError, HTTPClientError) as error:
            # the server prints its address a moment before it listens
            if isinstance(error, HTTPClientError) and error.code != 599:
                raise
            await asyncio.sleep(0.2)
    raise AssertionError(f"no answer from {url}")


async def run_through(server, path, most):
    """Open a notebook and run its first cells; returns how many ran."""
    notebook = await ask(f"{server}api/contents/{quote(path)}?content=1")
    session = await ask(
        f"{server}api/sessions",
        "POST",
        {"path": path, "type": "notebook", "name": path, "kernel": {"name": "python3"}},
    )
    kernel = session["kernel"]["id"]
    address = server.replace("http://", "ws://") + f"api/kernels/{kernel}/channels"
    socket = await websocket_connect(
        HTTPRequest(address, headers={"Authorization": f"token {TOKEN}"})
    )
    ran = 0
    try:
        for cell in notebook["content"]["cells"]:
            if cell["cell_type"] == "code" and ran < most:
                reply = await execute(socket, "".join(cell["source"]))
                said = "\n".join(reply.get("traceback", []))
                assert reply["status"] == "ok", f"{path}, cell {ran + 1}: {said}"
                ran += 1
    finally:
        socket.close()
        await ask(f"{server}api/sessions/{session['id']}", "DELETE")
    return ran


async def execute(socket, code):
    """Send a cell and wait for the kernel's reply."""
    number = uuid.uuid4().hex
    header = {
        "msg_id": number,
        "msg_type": "execute_request",
        "username": "",
        "session": number,
        "date": "",
        "version": "5.3",
    }
    content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
    await socket.write_message(
        json.dumps(
            {
                "header": header,
                "parent_header": {},
                "metadata": {},
                "content": content,
                "channel": "shell",
            }
        )
    )
    while True:
        text = await asyncio.wait_for(socket.read_message(), timeout=300)
        assert text is not None, "the kernel is gone"
        message = json.loads(text)
        of_this = message["parent_header"].get("msg_id") == number
        if of_this and message["msg_type"] == "execute_reply":
            return message["content"]


def in_own_loop(work):
    """Run in a separate thread, because the browser of other tests has a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_notebooks_open_and_run_on_the_server(server, path):
    most = 4 if path.startswith("notebooks/") else 1_000
    assert in_own_loop(run_through(server, path, most)) > 1


def test_a_cell_that_fails_is_seen(server):
    async def fail():
        kernel = await ask(f"{server}api/kernels", "POST", {"name": "python3"})
        address = server.replace("http://", "ws://") + f"api/kernels/{kernel['id']}/channels"
        socket = await websocket_connect(
            HTTPRequest(address, headers={"Authorization": f"token {TOKEN}"})
        )
        try:
            return await execute(socket, "import tifa; tifa.load('nowhere')")
        finally:
            socket.close()
            await ask(f"{server}api/kernels/{kernel['id']}", "DELETE")

    reply = in_own_loop(fail())
    assert (reply["status"], reply["ename"]) == ("error", "TifaError")
