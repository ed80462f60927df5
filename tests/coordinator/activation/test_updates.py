"""Activations before, during and after updates (spec: marble-api.md, section 7)."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from marble_coordinator.errors import MarbleRefused
from marble_coordinator.pki import issue
from marble_coordinator.services.activation import service as activation
from tests.fakes.api_driver import ferry
from tests.fakes.crew import crewed, submit
from tests.fakes.marble import activate
from tests.fakes.patience import PATIENCE
from tests.fakes.ship import NAME, service_of, spki


def rotating():
    manifest = crewed()
    manifest["Secrets"]["own"] = {"Type": "symmetric-key", "Size": 256}
    manifest["Marbles"]["mast"] = {
        "Package": "bridge",
        "Parameters": {
            "Files": {
                "/own": "{{ raw .Secrets.own }}",
                "/own.old": "{{ raw .Previous.Secrets.own }}",
                "/horn.old": "{{ raw .Previous.Secrets.horn.Cert }}",
                "/horn": "{{ raw .Secrets.horn.Cert }}",
            }
        },
    }
    return manifest


def test_a_rotation_leaves_the_former_generation_within_reach(waiting):
    waiting.set_manifest(rotating())
    service = service_of(waiting)
    before = activate(service, "mast", NAME).files
    assert before["/own"] == before["/own.old"]
    assert before["/horn"] == before["/horn.old"]
    submit(waiting, rotating() | {"Config": {"RotateRootSecret": True}})
    after = activate(service, "mast", NAME).files
    assert after["/own.old"] == before["/own"] != after["/own"]
    assert after["/horn.old"] == before["/horn"] != after["/horn"]


def test_a_package_update_renews_the_issuer_and_keeps_the_keys(ship, service):
    before = activate(service, "mast", NAME)
    ship.call("POST", "/update", {"Packages": {"engine": {"SecurityVersion": 3}}}, as_user="mate")
    after = activate(service, "mast", NAME)
    assert after.root != before.root
    after.certificate.verify_directly_issued_by(after.root)
    assert after.files == before.files


def test_what_was_prepared_before_a_change_is_prepared_again(pumping, monkeypatch):
    """Between the making of keys and the door, an update may come first: the marble must not get the former issuer's."""
    real = activation.parameters_for
    interrupted = []

    def interrupting(*args):
        made = real(*args)
        if not interrupted:
            interrupted.append(made)
            pumping.call("POST", "/update", {"Packages": {"engine": {"SecurityVersion": 5}}}, as_user="mate")
        return made

    monkeypatch.setattr(activation, "parameters_for", interrupting)
    got = activate(service_of(pumping))
    assert got.root == pumping.world.authority.marble_root.certificate
    assert pumping.world.activations("pump") == 1


def test_at_once_with_updates_exactly_as_many_are_activated_as_may_be(waiting):
    manifest = ferry()
    manifest["Marbles"]["radar"]["MaxActivations"] = 20
    waiting.set_manifest(manifest)
    service = service_of(waiting)

    def start(_):
        try:
            return activate(service, "radar")
        except MarbleRefused:
            return None

    async def update(version):
        body = {"Packages": {"engine": {"SecurityVersion": version}}}
        return (await waiting.request("POST", "/update", body, as_user="mate")).status

    async def all_at_once():
        with ThreadPoolExecutor(8) as pool:
            loop = asyncio.get_running_loop()
            marbles = [loop.run_in_executor(pool, start, number) for number in range(30)]
            updates = [await update(version) for version in range(3, 8)]
            return updates, await asyncio.gather(*marbles)

    updates, got = waiting.runner.run(all_at_once())
    activated = [one for one in got if one]
    assert set(updates) == {200}
    assert len(activated) == waiting.world.activations("radar") == 20
    for one in activated:  # each is of one piece, whichever update came before it
        one.certificate.verify_directly_issued_by(one.root)
        assert spki(one.chain[1].public_key()) == spki(one.root.public_key())
        assert spki(one.key.public_key()) == spki(one.certificate.public_key())


def test_while_an_update_makes_keys_only_counted_activations_wait_for_it(pumping, monkeypatch):
    begun, finish = threading.Event(), threading.Event()
    real = issue.reissue_all

    def slow(*args):
        begun.set()
        assert finish.wait(PATIENCE)
        return real(*args)

    monkeypatch.setattr(issue, "reissue_all", slow)
    service = service_of(pumping)
    before = pumping.world.authority.marble_root.certificate

    async def scenario():
        body = {"Packages": {"engine": {"SecurityVersion": 5}}}
        updating = asyncio.create_task(pumping.request("POST", "/update", body, as_user="mate"))
        await asyncio.to_thread(begun.wait, PATIENCE)
        counted = asyncio.create_task(asyncio.to_thread(activate, service, "pump"))
        uncounted = await asyncio.to_thread(activate, service, "radar")
        assert not updating.done()
        assert not counted.done()
        finish.set()
        return (await updating).status, uncounted.root, (await counted).root

    status, uncounted, counted = pumping.runner.run(scenario())
    assert (status, uncounted) == (200, before)
    assert counted == pumping.world.authority.marble_root.certificate != before


def test_counting_does_not_make_others_prepare_again(pumping, monkeypatch):
    real = activation.parameters_for
    service = service_of(pumping)
    prepared = []

    def counting(*args):
        prepared.append(args)
        if len(prepared) == 1:
            activate(service)
        return real(*args)

    monkeypatch.setattr(activation, "parameters_for", counting)
    activate(service)
    assert len(prepared) == 2
    assert pumping.world.activations("pump") == 2
