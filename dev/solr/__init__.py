"""A private Solr, with one core for the demo and one for the tests."""

import hashlib
import shutil
from pathlib import Path

from dev import commands, paths, probes, processes

NAME = "solr"
DEMO_CORE = "ckan"
TEST_CORE = "ckan_test"
CORES = (DEMO_CORE, TEST_CORE)

SOURCES = Path(__file__).parent
STATE = paths.STATE / "solr"
HOME = STATE / "home"


def start() -> None:
    """Start Solr; the first time its jars are fetched.

    :raises SetupError: the jars don't come, or Solr doesn't come up
    """
    jars = _fetch_jars()
    if not processes.is_running(NAME):
        _write_cores()
    port = processes.port_of(NAME)
    processes.start(
        processes.Server(
            name=NAME,
            title="Solr",
            command=[
                *("java", "-Xmx512m"),
                f"-Dsolr.solr.home={HOME}",
                f"-Dsolr.log.dir={paths.LOG}",
                # Relative, because a colon would end it.
                *("-cp", f"{jars.name}/*"),
                SOURCES / "SolrServer.java",
                str(port),
            ],
            directory=STATE,
            answers=_answers,
        )
    )


def stop() -> None:
    """Stop Solr."""
    processes.stop(NAME)


def url(core: str) -> str:
    """Give the address of a core.

    :param core: its name
    """
    return f"http://127.0.0.1:{processes.port_of(NAME)}/solr/{core}"


def _fetch_jars() -> Path:
    """Fetch what pom.xml names, into a directory that is never half-full."""
    pom = SOURCES / "pom.xml"
    version = hashlib.sha256(pom.read_bytes()).hexdigest()[:12]
    jars = STATE / f"jars-{version}"
    if not jars.exists():
        new = STATE / "jars.new"
        shutil.rmtree(new, ignore_errors=True)
        commands.run(
            "maven",
            "Jars of Solr",
            [
                *("mvn", "--batch-mode", "--file", pom),
                # Ask again for what didn't come last time.
                "--update-snapshots",
                "dependency:copy-dependencies",
                f"-DoutputDirectory={new}",
            ],
            "The jars of Solr could not be fetched: is the Maven repository"
            " within reach?",
        )
        new.rename(jars)
    return jars


def _answers() -> bool:
    return all(probes.web_page(f"{url(core)}/query?q=*:*") for core in CORES)


def _write_cores() -> None:
    HOME.mkdir(parents=True, exist_ok=True)
    shutil.copy(SOURCES / "solr.xml", HOME)
    schema = next(
        paths.VENV.glob(
            "lib/python3*/site-packages/ckan/config/solr/schema.xml"
        )
    )
    for core in CORES:
        directory = HOME / core / "conf"
        directory.mkdir(parents=True, exist_ok=True)
        shutil.copy(schema, directory)
        shutil.copy(SOURCES / "solrconfig.xml", directory)
        # CKAN's schema names these two.
        (directory / "protwords.txt").touch()
        (directory / "synonyms.txt").touch()
        # Its presence makes the directory a core.
        (HOME / core / "core.properties").touch()
