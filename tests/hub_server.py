"""A stand-in for the Hub on this machine: the part of its HTTP interface that makes, fills and reads repositories.

What huggingface_hub 2.4 calls, with answers as the Hub gives them. Small files travel inside the commit. Weights go by
Xet, whose own client takes a folder for its store, or, with HF_HUB_DISABLE_XET set, by Git LFS; those are read by a
redirect to another host, to which no token may be sent. A repository has one branch and keeps its newest commit only.
"""

import json
import re
import time
from base64 import b64decode
from dataclasses import dataclass, field
from hashlib import sha1, sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit

import yaml


@dataclass(frozen=True)
class Large:
    """A file that lies in a store of its own, and not in the commit."""

    sha256: str
    size: int
    xet_hash: str | None  # by which Xet gives it; None: it came by LFS


@dataclass
class Repository:
    private: bool
    files: dict[str, bytes | Large] = field(default_factory=lambda: {".gitattributes": b"*.safetensors filter=lfs"})

    @property
    def commit(self) -> str:
        return sha1(repr(sorted(self.files.items())).encode()).hexdigest()


class HubServer(ThreadingHTTPServer):
    """The Hub while the with block lasts. writers: which token may write under which name; store: Xet's folder."""

    def __init__(self, writers: dict[str, str], store: Path):
        super().__init__(("127.0.0.1", 0), _Request)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.storage_url = f"http://localhost:{self.server_port}/storage"  # to a client it is another host
        self.writers = writers
        self.store = store
        self.repositories: dict[str, Repository] = {}
        self.blobs: dict[str, bytes] = {}  # what came by LFS, by SHA-256
        self.xet_hashes: dict[str, str] = {}  # by SHA-256; the Hub reads them from Xet's store, a test tells them

    def __enter__(self):
        Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *error):
        self.shutdown()
        self.server_close()


class _Refused(Exception):
    """status, message, the Hub's X-Error-Code"""


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: HubServer

    def do_any(self):
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = unquote(urlsplit(self.path).path)
        try:
            for verbs, pattern, answer in _ROUTES:
                if self.command in verbs and (match := re.fullmatch(pattern, path)):
                    return answer(self, *match.groups())
            raise _Refused(404, f"The stand-in has no {self.command} {path}", "")
        except _Refused as refused:
            status, message, code = refused.args
            self.answer({"error": message}, status, {"X-Error-Code": code, "X-Error-Message": message})

    do_GET = do_HEAD = do_POST = do_PUT = do_any

    def answer(self, content: dict | list | bytes, status: int = 200, headers: dict | None = None):
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Length": len(data), **(headers or {})}.items():
            self.send_header(name, str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, *args):
        """Tests print nothing."""

    def token(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")

    def check_writer(self, name: str):
        if self.token() not in self.server.writers:
            raise _Refused(401, "Invalid username or password.", "")
        owner = name.split("/")[0]
        if self.server.writers[self.token()] != owner:
            raise _Refused(403, f"You don't have the rights to write under {owner}", "")

    def repository(self, name: str) -> Repository:
        """A repository for one who may read it; others learn not even that it exists."""
        repository = self.server.repositories.get(name)
        if repository is None or (repository.private and self.server.writers.get(self.token()) != name.split("/")[0]):
            raise _Refused(401, "Repository not found", "RepoNotFound")
        return repository

    def create(self):
        wish = json.loads(self.body)
        name = f"{wish['organization']}/{wish['name']}"
        self.check_writer(name)
        known = name in self.server.repositories
        self.server.repositories.setdefault(name, Repository(private=wish.get("visibility") == "private"))
        self.answer({"url": f"{self.server.url}/{name}"}, 409 if known else 200)

    def validate_card(self):
        metadata = yaml.safe_load(json.loads(self.body)["content"].split("---\n")[1])
        errors = [{"message": f'"{key}" must be a string'} for key in ("license", "pipeline_tag")
                  if not isinstance(metadata.get(key), str)]
        self.answer({"errors": errors, "warnings": []}, 400 if errors else 200)

    def information(self, name: str):
        repository = self.repository(name)
        siblings = [{"rfilename": path} for path in repository.files]
        self.answer({"id": name, "sha": repository.commit, "private": repository.private, "siblings": siblings})

    def tree(self, name: str):
        self.answer([_entry(path, file) for path, file in self.repository(name).files.items()])

    def upload_modes(self, name: str):
        self.check_writer(name)
        paths = [file["path"] for file in json.loads(self.body)["files"]]
        self.answer({"files": [
            {"path": path, "uploadMode": "lfs" if path.endswith(".safetensors") else "regular", "shouldIgnore": False}
            for path in paths
        ]})

    def xet_token(self, name: str, right: str):
        (self.check_writer if right == "write" else self.repository)(name)
        address, token, end = f"local://{self.server.store}", "xet", int(time.time()) + 3600
        headers = {"X-Xet-Cas-Url": address, "X-Xet-Access-Token": token, "X-Xet-Token-Expiration": end}
        self.answer({"casUrl": address, "accessToken": token, "exp": end}, headers=headers)

    def lfs_batch(self, name: str):
        self.check_writer(name)
        objects = json.loads(self.body)["objects"]
        for entry in objects:
            if entry["oid"] not in self.server.blobs:
                entry["actions"] = {"upload": {"href": f"{self.server.storage_url}/{entry['oid']}"}}
        self.answer({"transfer": "basic", "objects": objects})

    def store(self, oid: str):
        if "Authorization" in self.headers or sha256(self.body).hexdigest() != oid:
            raise _Refused(400, "A token was sent along, or the content is another", "")
        self.server.blobs[oid] = self.body
        self.answer({})

    def stored(self, oid: str):
        if "Authorization" in self.headers:
            raise _Refused(400, "A token was sent along", "")
        self.answer(self.server.blobs[oid], headers={"ETag": f'"{oid}"'})

    def commit(self, name: str):
        self.check_writer(name)
        repository = self.repository(name)
        for line in self.body.splitlines():
            match json.loads(line):
                case {"key": "file", "value": {"path": path, "content": content}}:
                    repository.files[path] = b64decode(content)
                case {"key": "lfsFile", "value": {"path": path, "oid": oid, "size": size}}:
                    xet_hash = None if oid in self.server.blobs else self.server.xet_hashes[oid]
                    repository.files[path] = Large(oid, size, xet_hash)
                case {"key": "deletedFile", "value": {"path": path}}:
                    del repository.files[path]
        commit = repository.commit
        self.answer({"commitUrl": f"{self.server.url}/{name}/commit/{commit}", "commitOid": commit})

    def resolve(self, name: str, path: str):
        repository = self.repository(name)
        headers = {"X-Repo-Commit": repository.commit}
        if path not in repository.files:
            raise _Refused(404, "Entry not found", "EntryNotFound")
        file = repository.files[path]
        if isinstance(file, Large):
            linked = {"X-Linked-Size": file.size, "X-Linked-ETag": f'"{file.sha256}"'}
            location = {"Location": f"{self.server.storage_url}/{file.sha256}"}
            return self.answer(b"", 302, headers | linked | location)
        self.answer(file, headers=headers | {"ETag": f'"{_git_hash(file)}"'})


_REPOSITORY, _REVISION = "([^/]+/[^/]+)", "(?:main|[0-9a-f]{40})"
_ROUTES = [
    (["POST"], "/api/repos/create", _Request.create),
    (["POST"], "/api/validate-yaml", _Request.validate_card),
    (["GET"], f"/api/models/{_REPOSITORY}/revision/{_REVISION}", _Request.information),
    (["GET"], f"/api/models/{_REPOSITORY}/tree/{_REVISION}", _Request.tree),
    (["POST"], f"/api/models/{_REPOSITORY}/preupload/{_REVISION}", _Request.upload_modes),
    (["GET"], f"/api/models/{_REPOSITORY}/xet-(write|read)-token/{_REVISION}", _Request.xet_token),
    (["POST"], f"/{_REPOSITORY}.git/info/lfs/objects/batch", _Request.lfs_batch),
    (["PUT"], "/storage/([0-9a-f]{64})", _Request.store),
    (["GET"], "/storage/([0-9a-f]{64})", _Request.stored),
    (["POST"], f"/api/models/{_REPOSITORY}/commit/{_REVISION}", _Request.commit),
    (["GET", "HEAD"], f"/{_REPOSITORY}/resolve/{_REVISION}/(.+)", _Request.resolve),
]


def _entry(path: str, file: bytes | Large) -> dict:
    """A file in the listing of a repository."""
    if isinstance(file, bytes):
        return {"type": "file", "path": path, "size": len(file), "oid": _git_hash(file)}
    entry = {"type": "file", "path": path, "size": file.size, "oid": _git_hash(file.sha256.encode())}
    entry["lfs"] = {"oid": file.sha256, "size": file.size, "pointerSize": 134}
    return entry if file.xet_hash is None else entry | {"xetHash": file.xet_hash}


def _git_hash(data: bytes) -> str:
    return sha1(b"blob %d\0" % len(data) + data).hexdigest()
