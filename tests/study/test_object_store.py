"""A study in an object store: a local server that speaks S3."""

from __future__ import annotations

from datetime import date

import pytest
from moto.server import ThreadedMotoServer

from tests.study.conftest import NOW_US, enrol, members
from twitchwatch.study.code import code_of
from twitchwatch.study.folder import open_folder
from twitchwatch.study.pseudonyms import new_key
from twitchwatch.study.pulling import pull
from twitchwatch.study.query import query
from twitchwatch.study.register import begin
from twitchwatch.study.running import run
from twitchwatch.study.withdrawing import withdraw


@pytest.fixture
def bucket(monkeypatch) -> str:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()
    s3fs.S3FileSystem().mkdir("studies")
    yield "s3://studies/pilot"
    s3fs.S3FileSystem.clear_instance_cache()
    server.stop()


def test_a_study_in_a_bucket_is_that_on_a_disk(bucket, cohort, pilot, tmp_path):
    folder = open_folder(bucket)
    key = new_key(tmp_path / "s3.json", begin(folder, "Pilot", date(2026, 1, 1)).id)
    key.key = pilot.key.key
    key.save()
    for member in members(cohort)[:2]:
        enrol(folder, key, member)
    pulled = pull(folder, key, NOW_US)
    assert pulled.written > 5
    assert pull(folder, key, NOW_US).written == 0
    sql = "SELECT wearer, night, twitches, rest_h FROM nights WHERE wearer IN ({}) ORDER BY ALL"
    sql = sql.format(", ".join(f"'{key.pseudonym(label)}'" for label in key.wearers))
    assert query(folder, sql).table.to_pylist() == query(pilot.folder, sql).table.to_pylist()
    assert run(folder, code_of("kinds"), workers=1).computed == pulled.written
    assert len(folder.names("results", ".json")) == pulled.written
    withdraw(folder, key, "0000", date(2026, 2, 1))
    left = [name for name in folder.names("", "") if key.pseudonym("0000") in name]
    assert left == [f"wearers/{key.pseudonym('0000')}.json"]
