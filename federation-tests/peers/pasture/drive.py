"""The cases themselves; runs inside the virtual environment only."""

import asyncio
import json
import logging
import secrets
import socket
from contextlib import asynccontextmanager
from importlib.metadata import version
from urllib.parse import urljoin

import aiohttp
import uvicorn
from bovine.clients import lookup_uri_with_webfinger
from fediverse_pasture.data_provider import DataProvider, bovine_actor_for_actor_data
from fediverse_pasture.server import BlueprintForActors
from fediverse_pasture.server.verify_actor import ActorVerifier
from fediverse_pasture.types import Message
from quart import Quart

ACTIVITY_JSON = "application/activity+json"
# The pasture's own libraries report each refusal as an error with a trace; refusals are what is tested here.
logging.disable(logging.CRITICAL)


def drive(options):
    return asyncio.run(_drive(options))


async def _drive(options):
    provider = DataProvider.generate()
    actors = [*provider.possible_actors, provider.one_actor]
    chosen = set(options.only.split(",")) if options.only else {a.actor_name for a in provider.possible_actors}
    cases = []
    async with serving(actors, options.port) as domain, client(options.timeout) as session:
        target = await find_actor(options, session)
        for actor in provider.possible_actors:
            if actor.actor_name in chosen:
                cases += await try_actor(actor, domain, target, options, session)
        cases += await own_verdict(actors, domain, target, options, chosen)
    return {
        "ok": all(case["ok"] for case in cases),
        "pasture": version("fediverse-pasture"),
        "target": target,
        "cases": cases,
    }


@asynccontextmanager
async def serving(actors, port):
    app = Quart(__name__)
    app.register_blueprint(BlueprintForActors(actors).blueprint)
    listener = socket.create_server(("127.0.0.1", port))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        if task.done():
            await task
        await asyncio.sleep(0.01)
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


def client(timeout):
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=timeout))


async def find_actor(options, session):
    """The id of the actor under test; a handle goes through WebFinger."""
    if "@" in options.actor:
        handle = options.actor.removeprefix("acct:").removeprefix("@")
        found, _ = await lookup_uri_with_webfinger(session, f"acct:{handle}", options.url.rstrip("/"))
        if found is None:
            raise SystemExit(f"WebFinger knows no {handle}")
        return found
    return urljoin(options.url, options.actor)


async def try_actor(actor, domain, target, options, session):
    """One GET and one POST, signed where this actor signs."""
    actor_id = f"http://{domain}/{actor.actor_name}"
    signs = actor.requires_signed_post_for_inbox
    features = {
        "actor": actor.actor_name,
        "webfinger": actor.user_part is not None,
        "authorized_fetch": actor.requires_signed_get_for_actor,
        "signs": signs,
    }
    speaker, _ = bovine_actor_for_actor_data(actor_id, actor)
    await speaker.init(session=session)
    how = "signed" if signs else "unsigned"

    async def get():
        if signs:
            return await speaker.client.get(target)
        return await session.get(target, headers={"accept": ACTIVITY_JSON})

    async def post():
        like = {
            "@context": "https://www.w3.org/ns/activitystreams",
            "type": "Like",
            "id": f"{actor_id}/likes/{secrets.token_urlsafe(8)}",
            "actor": actor_id,
            "object": options.object or target,
        }
        inbox = json.loads(document or "{}").get("inbox")
        if inbox is None:
            raise ValueError("the actor under test names no inbox")
        if signs:
            return await speaker.client.post(inbox, json.dumps(like))
        return await session.post(inbox, data=json.dumps(like), headers={"content-type": ACTIVITY_JSON})

    read, document = await attempt(f"{actor.actor_name}: {how} GET", "2xx", get, features)
    sent, _ = await attempt(f"{actor.actor_name}: {how} POST", "2xx" if signs else "4xx", post, features)
    return [read, sent]


async def attempt(name, expect, request, features):
    case = {"case": name, "status": None, "expect": expect, "ok": False, **features}
    text = None
    try:
        response = await request()
        text = await response.text()
        case["status"] = response.status
        case["ok"] = f"{response.status // 100}xx" == expect
        if not case["ok"]:
            case["answer"] = text[:300]
    except Exception as error:  # noqa: BLE001 - a failed request is a failed case, whatever its reason
        case["error"] = repr(error)
    return case, text


async def own_verdict(actors, domain, target, options, chosen):
    """What the package itself says with its verifier."""
    verifier = ActorVerifier(
        actor_list=actors,
        remote_uri=target,
        domain=domain,
        message=Message(),
        timeout=options.timeout,
    )
    names = {actor.actor_name: actor.actor_name in chosen for actor in actors}
    verdict = await verifier.verify(only=names)
    cases = [{"case": "verifier: webfinger", "status": verdict.pop("webfinger"), "expect": True}]
    signers = {actor.actor_name: actor.requires_signed_post_for_inbox for actor in actors}
    for name, result in verdict.items():
        cases.append({"case": f"verifier: {name} get_actor", "status": result["get_actor"], "expect": True})
        cases.append({"case": f"verifier: {name} post_inbox", "status": result["post_inbox"], "expect": signers[name]})
    return [{**case, "ok": case["status"] == case["expect"]} for case in cases]
