"""Drives the simulator with Google's own Python client.

Everything is done as Google's documentation shows it; the only thing told to
the client is another host. What was seen is printed as one JSON object, which
the Go test compares with what the simulator really holds.
"""

import html.parser
import json
import os
import sys
import time
import urllib.parse

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # http, as on any laptop

import google.auth.exceptions
import google.auth.transport.requests
import google_auth_oauthlib.flow
import requests
from google.oauth2 import id_token
from googleapiclient import discovery, discovery_cache, errors

BASE = os.environ["SIM_URL"]
CLIENT_ID, CLIENT_SECRET = os.environ["SIM_CLIENT_ID"], os.environ["SIM_CLIENT_SECRET"]
ACCOUNT, COUNT = os.environ["SIM_ACCOUNT"], int(os.environ["SIM_COUNT"])
REDIRECT = "http://127.0.0.1:9/callback"
SCOPES = [
    "openid",
    "https://www.googleapis.com/auth/userinfo.email",
    "https://www.googleapis.com/auth/calendar.events",
    "https://www.googleapis.com/auth/calendar.calendarlist.readonly",
]
seen = {}


class Form(html.parser.HTMLParser):
    """A consent page as a person fills it in: nothing unticked, Allow."""

    def __init__(self, account):
        super().__init__()
        self.account, self.action, self.fields = account, None, []

    def handle_starttag(self, tag, attrs):
        at = dict(attrs)
        if tag == "form":
            self.action = at["action"]
        elif tag == "button" and at.get("value") == "allow":
            self.fields.append((at["name"], at["value"]))
        elif tag == "input":
            kind = at.get("type")
            chosen = at.get("value") == self.account if kind == "radio" else "checked" in at or kind == "hidden"
            if chosen:
                self.fields.append((at["name"], at["value"]))


def consent(url):
    """The browser: opens the page, presses Allow, is sent to the callback."""
    page = requests.get(url)
    page.raise_for_status()
    form = Form(ACCOUNT)
    form.feed(page.text)
    answer = requests.post(urllib.parse.urljoin(url, form.action), data=form.fields, allow_redirects=False)
    assert answer.is_redirect, answer.text
    return answer.headers["Location"]


def connect():
    endpoints = requests.get(BASE + "/.well-known/openid-configuration").json()
    config = {
        "web": {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "auth_uri": endpoints["authorization_endpoint"],
            "token_uri": endpoints["token_endpoint"],
        }
    }
    flow = google_auth_oauthlib.flow.Flow.from_client_config(config, SCOPES, redirect_uri=REDIRECT)
    url, state = flow.authorization_url(access_type="offline", prompt="consent", include_granted_scopes="true")
    assert "code_challenge_method=S256" in url, url
    flow.fetch_token(authorization_response=consent(url), state=state)
    credentials = flow.credentials
    assert credentials.refresh_token, "no refresh token"
    claims = id_token.verify_token(
        credentials.id_token,
        google.auth.transport.requests.Request(),
        audience=CLIENT_ID,
        certs_url=endpoints["jwks_uri"],
    )
    assert claims["iss"] == endpoints["issuer"], claims
    seen["sub"], seen["email"] = claims["sub"], claims["email"]
    return credentials, endpoints


def service(credentials):
    # The document ships with the client; only its host is replaced.
    document = json.loads(discovery_cache.get_static_doc("calendar", "v3"))
    document["rootUrl"] = document["baseUrl"] = BASE + "/"
    return discovery.build_from_document(document, credentials=credentials)


def sync(api, **first):
    """Lists to the end and returns the events and the token for next time."""
    found, pages, request = [], 0, api.events().list(calendarId="primary", **first)
    while request is not None:
        answer = request.execute()
        pages += 1
        found += answer.get("items", [])
        assert ("nextPageToken" in answer) != ("nextSyncToken" in answer), answer.keys()
        request = api.events().list_next(request, answer)
    return found, pages, answer["nextSyncToken"]


def refused(status, reason, request):
    try:
        request.execute()
    except errors.HttpError as e:
        assert e.resp.status == status, e
        assert e.error_details[0]["reason"] == reason, e.error_details
        return
    raise AssertionError(f"{status} {reason} expected")


def one_event(api, token):
    at = lambda h: {"dateTime": f"2027-01-12T{h:02}:00:00+01:00", "timeZone": "Europe/Madrid"}
    event = api.events().insert(
        calendarId="primary", body={"summary": "From Python", "start": at(9), "end": at(10)}
    ).execute()
    stale = event["etag"]
    patch = api.events().patch(calendarId="primary", eventId=event["id"], body={"summary": "Patched"})
    patch.headers["If-Match"] = stale
    event = patch.execute()
    assert event["summary"] == "Patched" and event["etag"] != stale, event
    patch = api.events().patch(calendarId="primary", eventId=event["id"], body={"summary": "Too late"})
    patch.headers["If-Match"] = stale
    refused(412, "conditionNotMet", patch)
    changed, _, token = sync(api, syncToken=token)
    assert [(e["id"], e["summary"]) for e in changed] == [(event["id"], "Patched")], changed

    api.events().delete(calendarId="primary", eventId=event["id"]).execute()
    refused(410, "deleted", api.events().delete(calendarId="primary", eventId=event["id"]))
    changed, _, token = sync(api, syncToken=token)
    assert [(e["id"], e["status"]) for e in changed] == [(event["id"], "cancelled")], changed
    refused(400, "invalid", api.events().list(calendarId="primary", syncToken="garbage"))
    return token


def many_events(api, token):
    done = []

    def one(request_id, response, exception):
        if exception:
            raise exception
        done.append(response["id"])

    for first in range(0, COUNT, 50):  # Google takes 50 calls a batch
        batch = api.new_batch_http_request(callback=one)
        for n in range(first, min(first + 50, COUNT)):
            day = f"2027-{1 + n % 12:02}-{1 + n % 28:02}"
            body = {"summary": f"Batch {n}", "start": {"date": day}, "end": {"date": day[:-2] + f"{2 + n % 28:02}"}}
            batch.add(api.events().insert(calendarId="primary", body=body))
        batch.execute()
    changed, pages, token = sync(api, syncToken=token, maxResults=250)
    assert sorted(e["id"] for e in changed) == sorted(done), (len(changed), len(done))
    seen["inserted"], seen["inserted_pages"] = len(done), pages


def expiry_and_revocation(credentials, endpoints, api):
    # An hour passes at Google. The client's own clock does not say so, and it
    # has to find out by a 401.
    before = credentials.token
    requests.post(BASE + "/sim/clock", json={"advance": "61m"}).raise_for_status()
    api.calendarList().list().execute()
    assert credentials.token != before, "the access token was not refreshed"
    answer = requests.post(endpoints["revocation_endpoint"], params={"token": credentials.refresh_token})
    assert answer.status_code == 200, answer.text
    try:
        credentials.refresh(google.auth.transport.requests.Request())
    except google.auth.exceptions.RefreshError as e:
        assert e.args[1]["error"] == "invalid_grant", e
    else:
        raise AssertionError("a revoked grant was refreshed")


def main():
    credentials, endpoints = connect()
    api = service(credentials)
    calendars = api.calendarList().list().execute()["items"]
    seen["calendars"] = {c["id"]: c["accessRole"] for c in calendars}
    events, seen["pages"], token = sync(api, maxResults=50)
    seen["listed"] = len(events)
    again, _, token = sync(api, syncToken=token)
    assert again == [], again
    token = one_event(api, token)
    started = time.monotonic()
    many_events(api, token)
    seen["seconds"] = round(time.monotonic() - started, 2)
    expiry_and_revocation(credentials, endpoints, api)
    json.dump(seen, sys.stdout)


main()
