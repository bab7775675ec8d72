"""The supervisor and its children, tried on tiny servers."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path

import pytest

from motcua import supervisor
from motcua.children import Child, ChildSpec, Log, Pace
from motcua.settings import Settings

SERVER = Path(__file__).parents[1] / "simulators" / "server_process.py"
QUICK = Pace(
    first=0.05, longest=0.2, steady=60, loop=3, poll=0.02, check=0.05, answer=0.5, deaf=0.2, stop=1.0
)
PATIENCE_S = 20.0


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def server(port: int, *options: str, name: str = "server") -> ChildSpec:
    command = (sys.executable, "-S", str(SERVER), str(port), *options)
    return ChildSpec(name, command, f"http://127.0.0.1:{port}/", dict(os.environ))


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            await asyncio.sleep(0.02)


def wait_until(true: Callable[[], bool]) -> None:
    asyncio.run(until(true))


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def keeping(
    tmp_path: Path, spec: ChildSpec, story: Callable[[Child, list[str]], Awaitable[None]], pace: Pace = QUICK
) -> list[str]:
    """Keeps a child while a story is told; gives what the operator was told."""
    told: list[str] = []

    async def whole() -> None:
        log = Log(tmp_path / f"{spec.name}.log")
        child = Child(spec, log, told.append, pace)
        task = asyncio.create_task(child.keep())
        try:
            await story(child, told)
        finally:
            await child.stop()
            await asyncio.wait_for(task, PATIENCE_S)
            log.close()

    asyncio.run(whole())
    return told


def test_a_child_is_ready_once_it_answers(tmp_path: Path) -> None:
    async def story(child: Child, _: list[str]) -> None:
        began = time.monotonic()
        await asyncio.wait_for(child.ready.wait(), PATIENCE_S)
        assert time.monotonic() - began >= 0.3

    assert keeping(tmp_path, server(free_port(), "--slow", "0.3"), story) == []
    assert "started as" in (tmp_path / "server.log").read_text()


def test_a_child_that_is_killed_is_started_again(tmp_path: Path) -> None:
    async def story(child: Child, told: list[str]) -> None:
        await asyncio.wait_for(child.ready.wait(), PATIENCE_S)
        first = child.pid
        assert first
        os.kill(first, signal.SIGKILL)
        await until(lambda: any("ready again" in line for line in told))
        assert child.pid != first

    told = keeping(tmp_path, server(free_port()), story)
    assert "(SIGKILL)" in told[0]


def test_a_child_that_serves_nothing_is_ready_while_it_runs_and_started_again_when_killed(tmp_path: Path) -> None:
    async def story(child: Child, told: list[str]) -> None:
        await asyncio.wait_for(child.ready.wait(), PATIENCE_S)
        first = child.pid
        assert first
        os.kill(first, signal.SIGKILL)
        await until(lambda: child.pid not in (first, None) and child.ready.is_set())

    spec = ChildSpec("watcher", ("/bin/sh", "-c", "sleep 60"), "", dict(os.environ))
    told = keeping(tmp_path, spec, story)
    assert len(told) == 1 and "(SIGKILL)" in told[0]


def test_the_last_words_of_a_child_that_died_are_told(tmp_path: Path) -> None:
    async def story(child: Child, told: list[str]) -> None:
        await until(lambda: bool(told))

    told = keeping(tmp_path, server(free_port(), "--die-after", "0.1"), story)
    assert "(exit code 3): out of cheese" in told[0]


def test_a_crash_loop_is_named_once_and_tried_on(tmp_path: Path) -> None:
    async def story(child: Child, told: list[str]) -> None:
        await until(lambda: sum("stopped after" in line for line in told) >= 5)

    told = keeping(tmp_path, server(free_port(), "--die-after", "0"), story)
    loops = [line for line in told if "keeps stopping, 3 times" in line]
    assert len(loops) == 1
    assert str(tmp_path / "server.log") in loops[0]


def test_waits_between_restarts_grow_up_to_the_longest(tmp_path: Path) -> None:
    pace = Pace(first=0.1, longest=0.4, steady=60, loop=99, poll=0.02)
    times: list[float] = []

    async def story(child: Child, told: list[str]) -> None:
        log = tmp_path / "nothing.log"
        while len(times) < 5:
            await until(lambda: len(log.read_text().splitlines()) > len(times))
            times.append(time.monotonic())

    spec = ChildSpec("nothing", ("/bin/sh", "-c", "echo up; exit 1"), "http://127.0.0.1:9/", dict(os.environ))
    keeping(tmp_path, spec, story, pace)
    waits = [after - before for before, after in pairwise(times)]
    for wait, least in zip(waits, (0.1, 0.2, 0.4, 0.4), strict=True):
        assert least - 0.05 <= wait <= least + 0.6


def test_a_command_that_is_not_there_is_told_not_raised(tmp_path: Path) -> None:
    async def story(child: Child, told: list[str]) -> None:
        await until(lambda: bool(told))

    spec = ChildSpec("ghost", ("/no/such/program",), "http://127.0.0.1:9/", dict(os.environ))
    assert "/no/such/program cannot be started: No such file" in keeping(tmp_path, spec, story)[0]


def test_a_child_that_no_longer_answers_is_started_again(tmp_path: Path) -> None:
    async def story(child: Child, told: list[str]) -> None:
        await asyncio.wait_for(child.ready.wait(), PATIENCE_S)
        first = child.pid
        assert first
        os.kill(first, signal.SIGSTOP)  # alive, but deaf
        await until(lambda: any("ready again" in line for line in told))
        assert child.pid != first

    told = keeping(tmp_path, server(free_port()), story)
    assert any("has not answered for" in line for line in told)


def test_a_child_deaf_to_the_request_to_stop_is_killed_in_time(tmp_path: Path) -> None:
    async def story(child: Child, _: list[str]) -> None:
        await asyncio.wait_for(child.ready.wait(), PATIENCE_S)
        pid = child.pid
        assert pid
        began = time.monotonic()
        await child.stop()
        assert QUICK.stop <= time.monotonic() - began < QUICK.stop + 2
        assert not alive(pid)

    assert keeping(tmp_path, server(free_port(), "--deaf-to-term"), story) == []


def test_what_a_child_started_ends_with_it(tmp_path: Path) -> None:
    file = tmp_path / "grandchild"

    async def story(child: Child, _: list[str]) -> None:
        await asyncio.wait_for(child.ready.wait(), PATIENCE_S)
        grandchild = int(file.read_text())
        assert alive(grandchild)
        await child.stop()
        await until(lambda: not alive(grandchild))

    keeping(tmp_path, server(free_port(), "--grandchild", str(file)), story)


def test_a_log_turns_over_and_keeps_its_last_files(tmp_path: Path) -> None:
    log = Log(tmp_path / "x.log", size=1000, kept=2)
    for number in range(200):
        log.write(f"line {number} 100 % đủ {{}}")
    log.close()
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["x.log", "x.log.1", "x.log.2"]
    assert all(path.stat().st_size <= 1000 for path in tmp_path.iterdir())
    assert "line 199 100 % đủ {}" in (tmp_path / "x.log").read_text(encoding="utf-8")


def test_a_log_on_a_full_disk_loses_lines_and_nothing_else(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    (tmp_path / "full.log").symlink_to("/dev/full")
    log = Log(tmp_path / "full.log")
    for _ in range(3):
        log.write("lost " * 10_000)
    log.close()
    assert list(tmp_path.iterdir()) == [tmp_path / "full.log"]


# The whole of `motcua run`, in a process of its own

RUN = """
import sys
from pathlib import Path
from motcua import supervisor
from motcua.children import ChildSpec
from motcua.settings import Settings
import os

def specs(settings, token):
    def one(name, port):
        url = f"http://127.0.0.1:{port}/"
        return ChildSpec(name, (sys.executable, "-S", os.environ["SERVER"], str(port)), url, dict(os.environ))
    ports = {"gateway": settings.port, "rasa": settings.rasa_port, "actions": settings.actions_port}
    return [one(name, port) for name, port in ports.items()]

sys.exit(supervisor.run(Settings(), specs=specs, preparation=lambda settings: None))
"""


@pytest.fixture
def bot_python(tmp_path: Path) -> Path:
    script = tmp_path / "python3.10"
    script.write_text("#!/bin/sh\necho Python 3.10.13\n")
    script.chmod(0o755)
    return script


@pytest.fixture
def environment(tmp_path: Path, bot_python: Path) -> dict[str, str]:
    ports = {name: str(free_port()) for name in ("MOTCUA_PORT", "MOTCUA_RASA_PORT", "MOTCUA_ACTIONS_PORT")}
    ours = {
        "MOTCUA_HOME": str(tmp_path / "home"),
        "MOTCUA_BOT_PYTHON": str(bot_python),
        "SERVER": str(SERVER),
    }
    return {**os.environ, **ours, **ports, "PYTHONUNBUFFERED": "1"}


class Run:
    """`motcua run` in a process of its own."""

    def __init__(self, environment: dict[str, str], output: Path) -> None:
        self.output = output
        with output.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-c", RUN],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def wait_ready(self) -> None:
        wait_until(lambda: "Motcua is ready" in self.said() or self.process.poll() is not None)
        assert "Motcua is ready" in self.said()

    def children(self) -> list[int]:
        logs = (self.output.parent / "home" / "log").glob("*.log")
        return [int(log.read_text().splitlines()[0].rpartition(" ")[2]) for log in logs]

    def end(self) -> int:
        return self.process.wait(PATIENCE_S)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_run_says_ready_after_a_first_answer_and_stops_cleanly(
    environment: dict[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    run = Run(environment, tmp_path / "said")
    run.wait_ready()
    assert f"Motcua is ready: http://localhost:{environment['MOTCUA_PORT']} (" in run.said()
    assert f"asked: {supervisor.WARM_UP}" in (tmp_path / "home" / "log" / "gateway.log").read_text()
    children = run.children()
    assert len(children) == 3
    began = time.monotonic()
    run.process.send_signal(number)
    assert run.end() == 0
    assert time.monotonic() - began < 10
    assert not any(map(alive, children))
    assert "Traceback" not in run.said()


def test_a_second_run_on_the_same_home_names_the_first(environment: dict[str, str], tmp_path: Path) -> None:
    first = Run(environment, tmp_path / "said")
    try:
        first.wait_ready()
        second = Run(environment, tmp_path / "second")
        assert second.end() == 2
        assert f"already running on {tmp_path / 'home'} (process {first.process.pid})" in second.said()
        assert len(second.said().splitlines()) == 1
    finally:
        first.process.terminate()
        first.end()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with a killed parent")
def test_children_do_not_outlive_a_killed_supervisor(environment: dict[str, str], tmp_path: Path) -> None:
    run = Run(environment, tmp_path / "said")
    run.wait_ready()
    children = run.children()
    run.process.kill()
    run.end()
    wait_until(lambda: not any(map(alive, children)))
    again = Run(environment, tmp_path / "again")
    again.wait_ready()
    again.process.terminate()
    assert again.end() == 0


def test_a_taken_port_is_named_with_its_setting(
    environment: dict[str, str], tmp_path: Path, bot_python: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        settings = Settings(
            home=tmp_path / "home",
            port=port,
            rasa_port=free_port(),
            actions_port=free_port(),
            bot_python=bot_python,
        )
        assert supervisor.run(settings, preparation=lambda _: None) == 2
    assert capsys.readouterr().err == (
        f"motcua: port {port} is taken by another program: "
        "stop that one, or choose another with MOTCUA_PORT.\n"
    )


def test_a_missing_bot_environment_says_make_setup(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(home=tmp_path / "home", bot_python=tmp_path / "nowhere" / "python")
    assert supervisor.run(settings, preparation=lambda _: None) == 2
    said = capsys.readouterr().err
    assert "run `make setup`" in said
    assert len(said.splitlines()) == 1


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert supervisor.run(Settings(home=tmp_path / "file" / "home")) == 2
    said = capsys.readouterr().err
    assert str(tmp_path / "file" / "home") in said and "MOTCUA_HOME" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("host", "seen", "shown"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080", "http://localhost:8080"),
        ("0.0.0.0", "http://127.0.0.1:8080", "http://localhost:8080"),
        ("::", "http://[::1]:8080", "http://localhost:8080"),
        ("10.1.2.3", "http://10.1.2.3:8080", "http://10.1.2.3:8080"),
    ],
)
def test_the_address_fits_where_the_gateway_listens(host: str, seen: str, shown: str) -> None:
    settings = Settings(host=host)
    assert (supervisor.gateway_url(settings), supervisor.shown_url(settings)) == (seen, shown)


@pytest.mark.parametrize(
    ("url", "tracker"),
    [
        ("postgresql+psycopg://u:p@h/d", "postgresql://u:p@h/d"),
        ("postgresql://u:p@h/d?sslmode=require", "postgresql://u:p@h/d?sslmode=require"),
        ("", "sqlite:////h/conversations.db"),
        ("sqlite:////elsewhere/x.db", "sqlite:////h/conversations.db"),
    ],
)
def test_conversations_go_to_the_same_server_without_the_drivers_name(url: str, tracker: str) -> None:
    assert supervisor.tracker_url(Settings(home=Path("/h"), database_url=url)) == tracker


def test_inner_servers_listen_on_loopback_and_the_token_stays_out_of_command_lines(
    tmp_path: Path, bot_python: Path
) -> None:
    bot_python.write_text("#!/bin/sh\necho bot: model is up to date\necho /models/0123.tar.gz\n")
    settings = Settings(home=tmp_path / "home", bot_python=bot_python, host="0.0.0.0", rasa_port=5999)
    specs = {spec.name: spec for spec in supervisor.children(settings, "t0ken")}
    rasa = specs["rasa"].command
    assert rasa[rasa.index("--interface") + 1] == "127.0.0.1"
    assert rasa[rasa.index("--model") + 1] == "/models/0123.tar.gz"
    assert rasa[rasa.index("--port") + 1] == "5999"
    for spec in specs.values():
        assert spec.environment["MOTCUA_INTERNAL_TOKEN"] == "t0ken"
        assert spec.environment["MOTCUA_HOME"] == str(tmp_path / "home")
        assert "t0ken" not in " ".join(spec.command)
        assert spec.health.startswith("http://127.0.0.1:") or spec.name == "watcher"


def test_followed_dossiers_are_watched_unless_that_is_switched_off(tmp_path: Path, bot_python: Path) -> None:
    bot_python.write_text("#!/bin/sh\necho /models/0123.tar.gz\n")
    for following in (True, False):
        settings = Settings(home=tmp_path / "home", bot_python=bot_python, following=following)
        names = [spec.name for spec in supervisor.children(settings, "t0ken")]
        assert names == ["rasa", "actions", "gateway", *(["watcher"] if following else [])]


def test_a_bot_that_cannot_be_trained_is_one_line(
    tmp_path: Path, bot_python: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    version = "[ $1 = --version ] && echo Python 3.10.1 && exit"
    bot_python.write_text(f"#!/bin/sh\n{version}\necho bot: not trained: no room >&2\nexit 1\n")
    settings = Settings(
        home=tmp_path / "home",
        bot_python=bot_python,
        port=free_port(),
        rasa_port=free_port(),
        actions_port=free_port(),
    )
    assert supervisor.run(settings, preparation=lambda _: None) == 2
    said = capsys.readouterr().err
    assert said == "motcua: the bot has no model (bot: not trained: no room): run `motcua prepare`.\n"


def test_a_warm_up_without_a_gateway_says_what_is_wrong() -> None:
    problem = asyncio.run(supervisor.warm_up(f"http://127.0.0.1:{free_port()}", tries=2, pause=0))
    assert problem
