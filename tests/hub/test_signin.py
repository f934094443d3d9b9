"""Browsers at the gateway: signing in by a hidden frame, XSRF, tickets, and other people's pages (I4)."""

from __future__ import annotations

from typing import Any

from hub import SERVICE, Hub
from pages import page_of, visit
from playwright.sync_api import Browser, Page

# What the labextension does, in short. `gateway`: its address; the answer: what each call said.
_FUNCTIONS = """
const call = async (method, path, headers, body) => {
  try {
    const options = {method, credentials: 'include', headers, body: body && JSON.stringify(body)};
    const answer = await fetch(gateway + 'plant-together/api/v1/' + path, options);
    return [answer.status, await answer.json()];
  } catch (error) {
    return [0, String(error)];
  }
};
const signIn = async patience => {
  const frame = document.createElement('iframe');
  frame.style.display = 'none';
  const told = new Promise(resolve => {
    addEventListener('message', event => {
      if (event.source === frame.contentWindow && event.data.type === 'plant-together:signed-in') {
        resolve({origin: event.origin, ...event.data});
      }
    });
    frame.addEventListener('load', () => setTimeout(() => resolve(null), patience));
  });
  frame.src = gateway + 'plant-together/signin';
  document.body.append(frame);
  return told;
};
const dial = async path => {
  const socket = new WebSocket(gateway.replace(/^http/, 'ws') + 'plant-together/' + path);
  return new Promise(resolve => {
    socket.onmessage = () => { resolve('open'); socket.close(); };
    socket.onclose = event => resolve(event.code);
  });
};
"""


def run(page: Page, hub: Hub, script: str) -> Any:
    """Run a script in a page, with the functions above."""
    return page.evaluate(f"async gateway => {{ {_FUNCTIONS} {script} }}", hub.gateway_url)


def test_a_page_signs_in_by_a_hidden_frame_and_works_with_xsrf_token_and_tickets(
    hub: Hub, browser: Browser
) -> None:
    with page_of(browser, hub, "ada", ours=False) as page:
        seen = run(
            page,
            hub,
            """
            const before = await call('GET', 'me', {});
            const told = await signIn(20000);
            const xsrf = {'X-XSRFToken': told.xsrf};
            const room = await call('POST', 'rooms', xsrf, {name: 'by a browser ' + Date.now()});
            const path = 'rooms/~' + room[1].id;
            const made = await call('POST', path + '/documents', xsrf, {name: 'a', source: 'x'});
            const sync = 'sync/' + made[1].id;
            const take = async body => (await call('POST', 'tickets', xsrf, body))[1].ticket;
            const first = await take({document: made[1].id});
            return {
              before, told, room, made,
              me: await call('GET', 'me', xsrf),
              withoutToken: [await call('GET', 'me', {}), await call('POST', 'rooms', {}, {name: 'forged'})],
              wrongToken: await call('POST', 'rooms', {'X-XSRFToken': 'wrong'}, {name: 'forged'}),
              removed: (await call('GET', 'rooms/forged', xsrf))[0],
              open: await dial(sync + '?ticket=' + first),
              replayed: await dial(sync + '?ticket=' + first),
              noTicket: await dial(sync),
              events: await dial('api/v1/' + path + '/events?ticket=' + await take({room: room[1].id})),
            };
            """,
        )
    assert seen["before"][0] == 401
    host = hub.host("plant-together--service")
    assert seen["told"]["origin"] == f"http://{host}"
    assert seen["told"]["user"] == "ada"
    assert seen["me"][0] == 200
    assert (seen["me"][1]["subject"], seen["me"][1]["user"]["kind"]) == ("ada", "browser")
    assert [seen["room"][0], seen["made"][0]] == [201, 201]
    assert [status for status, _ in seen["withoutToken"]] == [401, 403]
    assert seen["wrongToken"][0] == 403
    assert seen["removed"] == 404
    assert [seen[name] for name in ("open", "replayed", "noTicket", "events")] == ["open", 1006, 1006, "open"]


def test_who_is_signed_out_is_told_so_and_the_hub_asks_for_a_password(hub: Hub, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"http://{hub.host('plant-together--service')}{SERVICE}plant-together/signin")
    assert "/hub/login" in page.url
    page.fill("#username_input", "ada")
    page.fill("#password_input", "any")
    page.click("#login_submit")
    page.wait_for_url(lambda url: url.endswith("/plant-together/signin"))
    assert "You are signed in" in str(page.text_content("body"))
    context.close()


def test_the_page_of_another_users_server_gets_nowhere(hub: Hub, browser: Browser) -> None:
    """With subdomains its host is refused; either way the token that it holds is."""
    assert hub.api("POST", "groups/visitors/users", {"users": ["bob"]})[0] == 200
    with page_of(browser, hub, "bob", ours=False) as page:
        told = run(page, hub, "return signIn(20000)")
        assert told["user"] == "bob"
        visit(page, hub, "ada")
        token = page.evaluate("JSON.parse(document.getElementById('jupyter-config-data').textContent).token")
        assert token
        assert hub.fetch("GET", "/user/ada/api/status", token=token, who="ada")[0] == 200
        assert hub.ask(token, "GET", "me")[0] == 403
        assert hub.ask(token, "POST", "rooms", {"name": "stolen"})[0] == 403
        if hub.subdomain_host:
            assert page.url.startswith(f"http://{hub.host('ada')}/")
            seen = run(
                page,
                hub,
                f"const stolen = {{'X-XSRFToken': '{told['xsrf']}'}};"
                """
                return {
                  told: await signIn(2000),
                  me: (await call('GET', 'me', {}))[0],
                  guessed: (await call('POST', 'rooms', {'X-XSRFToken': 'no'}, {name: 'stolen'}))[0],
                  known: (await call('POST', 'rooms', stolen, {name: 'stolen'}))[0],
                  reading: (await call('GET', 'me', stolen))[0],
                  socket: await dial('sync/d_aaaaaaaaaaaaaaaaaaaaaaaaaa'),
                };
                """,
            )
            # Even with Bob's own XSRF token the page gets no answer to read, and nothing is done.
            assert seen == {"told": None, "me": 401, "guessed": 403, "known": 0, "reading": 0, "socket": 1006}
            assert hub.ask(hub.token("bob"), "GET", "rooms/stolen")[0] == 404
