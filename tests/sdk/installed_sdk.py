"""The SDK, configured alone and installed into a folder: where the tests of documents and packages start from."""
import os
import subprocess
from pathlib import Path

SDK = Path(__file__).resolve().parents[2] / "plugin-sdk"


def run(*command: str, **options) -> str:
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}:\n{done.stdout}")
    return done.stdout


def install(folder: Path) -> dict:
    """Installs into `folder`/prefix; the environment in which find_package finds it."""
    environment = dict(os.environ, CMAKE_PREFIX_PATH=str(folder / "prefix"), CMAKE_GENERATOR="Ninja")
    run("cmake", "-S", str(SDK), "-B", str(folder / "sdk-build"), env=environment)
    run("cmake", "--install", str(folder / "sdk-build"), "--prefix", str(folder / "prefix"), "--component", "sdk", env=environment)
    return environment
