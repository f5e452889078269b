"""The files of the apps: compressed, kept for ever or asked for anew, and nothing else."""

import httpx

from tests.web.system import WebSystem


def test_files_come_compressed_and_are_kept_and_pages_are_asked_for_anew(system: WebSystem) -> None:
    with httpx.Client(base_url=system.http) as client:
        page = client.get("/board")
        assert page.headers["cache-control"] == "no-cache"
        assert "script-src 'self';" in page.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        assert client.get("/board", headers={"if-none-match": page.headers["etag"]}).status_code == 304
        script = page.text.split('src="')[1].split('"')[0]
        for encoding in ("br", "gzip"):
            with client.stream("GET", script, headers={"accept-encoding": encoding}) as answer:
                assert answer.headers["content-encoding"] == encoding
                assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
                assert answer.headers["x-content-type-options"] == "nosniff"
        plain = client.get(script, headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers
        for missing in ("/assets/nothing.js", "/nowhere", "/cases/1/2", "/assets/..%2F..%2Fbuild.py", "/.built"):
            assert client.get(missing).status_code == 404, missing
