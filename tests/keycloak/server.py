# ruff: noqa: S603, S607  (starting programs is what this module is for)
"""A real Keycloak on loopback, of the archive that pom.xml pins; its database is in memory and gone with it."""

import hashlib
import os
import re
import secrets
import shutil
import socket
import subprocess
import time
import zipfile
from pathlib import Path
from typing import Any

import httpx
from pydantic_core import from_json

from tests.kafka.broker import missing as missing_java
from tests.kafka.leash import Leashed

Json = dict[str, Any]
POM = Path(__file__).with_name("pom.xml")
SHA256 = "907f10721092bf57436698733d5046ad9ccf39564991d046f5afd67fadf17f08"
"""Of the archive; what Maven brings is compared with it."""
CACHE = Path(__file__).parents[2] / ".keycloak"
REALM = Path(__file__).parents[2] / "docs" / "operations" / "keycloak-realm.json"
START_SECONDS = 240
JAVA = "-Xms64m -Xmx512m -XX:TieredStopAtLevel=1"
_FORKS = "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory"


def missing() -> str | None:
    """What this machine lacks to fetch and run Keycloak, or None."""
    return missing_java()


def fetch() -> Path:
    """Bring Keycloak into the cache, built for its database once; answer where it is.

    Raises CalledProcessError where Maven or Keycloak fails, ValueError for another archive than the pinned one.
    """
    stamp = CACHE / POM.name
    if not (stamp.exists() and stamp.read_bytes() == POM.read_bytes()):
        shutil.rmtree(CACHE, ignore_errors=True)
        options = ["--quiet", "--batch-mode", "--strict-checksums", "-Dstyle.color=never", f"--file={POM}"]
        goal = ["dependency:copy-dependencies", f"-DoutputDirectory={CACHE}"]
        subprocess.run(["mvn", *options, *goal], check=True)
        (archive,) = CACHE.glob("keycloak-quarkus-dist-*.zip")
        with archive.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != SHA256:
            raise ValueError(f"{archive.name} has SHA-256 {found}, and {SHA256} is pinned")
        with zipfile.ZipFile(archive) as content:
            content.extractall(CACHE)
        archive.unlink()
        build = ["sh", str(_program()), "build", "--db=dev-mem", "--health-enabled=false", "--metrics-enabled=false"]
        subprocess.run(build, check=True, stdout=subprocess.DEVNULL, env=os.environ | {"JAVA_OPTS_KC_HEAP": JAVA})
        shutil.copyfile(POM, stamp)
    return _program()


def _program() -> Path:
    (program,) = CACHE.glob("keycloak-*/bin/kc.sh")
    return program


def _java(home: Path) -> list[str]:
    """What kc.sh runs, without that script: it would be killed, and leave Java behind."""
    given = {
        "kc.home.dir": home,
        "jboss.server.config.dir": home / "conf",
        "java.util.logging.manager": "org.jboss.logmanager.LogManager",
        "java.util.concurrent.ForkJoinPool.common.threadFactory": _FORKS,
    }
    settings = [f"-D{name}={value}" for name, value in given.items()]
    jar = home / "lib" / "quarkus-run.jar"
    return ["java", *JAVA.split(), *settings, "-cp", str(jar), "io.quarkus.bootstrap.runner.QuarkusEntryPoint"]


class Keycloak:
    """The server, with the realm of the documentation in it, and its administration."""

    def __init__(self, log: Path) -> None:
        self._log, self._password = log, secrets.token_urlsafe()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.address = f"http://127.0.0.1:{free.getsockname()[1]}"
        self.issuer = f"{self.address}/realms/tricolor"
        self._server: Leashed | None = None

    def start(self) -> None:
        """Raises RuntimeError with its last words where it does not come up."""
        options = [f"--http-port={self.address.rpartition(':')[2]}", "--http-host=127.0.0.1", "--http-enabled=true"]
        options += [f"--hostname={self.address}", "--optimized", "--cache=local"]
        environment = {
            "KC_BOOTSTRAP_ADMIN_USERNAME": "bootstrap",
            "KC_BOOTSTRAP_ADMIN_PASSWORD": self._password,
        }
        with self._log.open("wb") as log:
            command = [*_java(fetch().parents[1]), "start", *options]
            self._server = Leashed(command, stdout=log, stderr=log, env=os.environ | environment)
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self._server.process.poll() is None:
            try:
                if httpx.get(f"{self.address}/realms/master").is_success:
                    return
            except httpx.HTTPError:
                time.sleep(0.5)
        self.kill()
        raise RuntimeError(f"Keycloak did not start: {self._log.read_text(encoding='utf-8', errors='replace')[-2000:]}")

    def kill(self) -> None:
        if self._server is not None:
            self._server.kill()
            self._server = None

    def administration(self) -> httpx.Client:
        """A client of the administration's API, as its first administrator."""
        given = {
            "client_id": "admin-cli",
            "grant_type": "password",
            "username": "bootstrap",
            "password": self._password,
        }
        token = httpx.post(f"{self.address}/realms/master/protocol/openid-connect/token", data=given, timeout=60)
        headers = {"Authorization": f"Bearer {token.raise_for_status().json()['access_token']}"}
        return httpx.Client(base_url=f"{self.address}/admin/realms", headers=headers, timeout=60)

    def import_realm(self, *origins: str) -> None:
        """The realm as it is documented, with the apps at `origins`."""
        realm = from_json(REALM.read_bytes())
        apps = next(one for one in realm["clients"] if one["clientId"] == "tricolor-web")
        apps |= {"redirectUris": [f"{origin}/sign-in" for origin in origins], "webOrigins": [*origins]}
        with self.administration() as api:
            api.post("", json=realm).raise_for_status()

    def change_client(self, name: str, **changes: Any) -> None:
        with self.administration() as api:
            (client,) = api.get("/tricolor/clients", params={"clientId": name}).raise_for_status().json()
            api.put(f"/tricolor/clients/{client['id']}", json=client | changes).raise_for_status()

    def add_user(self, code: str, name: str, password: str, **attributes: list[str]) -> str:
        """The number of a new user; attributes are named without their prefix."""
        user = {
            "username": code,
            "firstName": name,
            "enabled": True,
            "attributes": {f"tricolor_{key}": value for key, value in attributes.items()},
            "credentials": [{"type": "password", "value": password, "temporary": False}],
        }
        with self.administration() as api:
            created = api.post("/tricolor/users", json=user).raise_for_status()
        return created.headers["location"].rpartition("/")[2]


def form_of(page: str) -> str:
    """Where the form of Keycloak's page is sent."""
    (action,) = re.findall(r'<form[^>]*id="kc-form-login"[^>]*action="([^"]+)"', page)
    return str(action).replace("&amp;", "&")
