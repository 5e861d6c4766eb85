"""A private Solr: a core for the demo, and one per process of the tests."""

import hashlib
import shutil
from pathlib import Path

from dev import commands, paths, probes, processes

NAME = "solr"
DEMO_CORE = "ckan"
TEST_CORES = tuple(f"ckan_test{number}" for number in ("", "_1", "_2", "_3"))
CORES = (DEMO_CORE, *TEST_CORES)

# What core.properties says, and solrconfig.xml refers to.
ON_DISK = ""
IN_MEMORY = """\
digifarm.directory=solr.ByteBuffersDirectoryFactory
digifarm.lock=single
digifarm.log=false
"""

SOURCES = Path(__file__).parent
STATE = paths.STATE / "solr"
HOME = STATE / "home"


def start() -> None:
    """Start Solr from its jars, which are there: see :func:`missing`.

    :raises SetupError: it doesn't come up
    """
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
                *("-cp", f"{_jars().name}/*"),
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


def missing() -> list[commands.Command]:
    """Give what fetches the jars that pom.xml names, if it isn't done."""
    jars = _jars()
    if jars.exists():
        return []
    # A directory that is never half-full.
    new = STATE / "jars.new"
    shutil.rmtree(new, ignore_errors=True)
    return [
        commands.Command(
            "maven",
            "Jars of Solr",
            [
                *("mvn", "--batch-mode", "--file", SOURCES / "pom.xml"),
                # Ask again for what didn't come last time.
                "--update-snapshots",
                "dependency:copy-dependencies",
                f"-DoutputDirectory={new}",
            ],
            "The jars of Solr could not be fetched: is the Maven repository"
            " within reach?",
            after=lambda: new.rename(jars),
        )
    ]


def _jars() -> Path:
    pom = SOURCES / "pom.xml"
    version = hashlib.sha256(pom.read_bytes()).hexdigest()[:12]
    return STATE / f"jars-{version}"


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
        (HOME / core / "core.properties").write_text(
            ON_DISK if core == DEMO_CORE else IN_MEMORY, encoding="ascii"
        )
