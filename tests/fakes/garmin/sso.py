"""The sign-in: the app's JSON flow, the portal's, the widget's forms, and the token endpoint."""

from collections.abc import Callable
from typing import Any

from .access import Access, SignIn
from .wire import Answer, Refusal, Request, json_answer, page

WRONG_PASSWORD = "INVALID_USERNAME_PASSWORD"
WRONG_CODE = "MFA_CODE_INVALID"
WIDGET_TITLE = "GARMIN Authentication Application"


def answer(access: Access, request: Request) -> Answer | None:
    """None: this is no path of the sign-in."""
    handle = _ROUTES.get((request.method, request.path))
    return handle(access, request) if handle else None


def _sign_in_page(access: Access, request: Request) -> Answer:
    return _with_cookie(access, request, lambda _: page("GARMIN > Sign In"))


def _login(access: Access, request: Request) -> Answer:
    """A browser that never loaded the page is taken for a robot."""
    sign_in = access.sign_in(request.cookie("SESSION"))
    if sign_in is None:
        return page("Error 429", "Too many requests", 429)
    given = request.json()
    if not access.password_fits(given["username"], given["password"]):
        return _says(WRONG_PASSWORD, 401)
    if access.mfa_code:
        sign_in.awaits_code = True
        access.codes_sent += 1
        return _says("MFA_REQUIRED", customerMfaInfo={"phoneNumber": None, "email": "r****@example.org",
                     "mfaLastMethodUsed": "email", "defaultMfaMethod": "email"})  # fmt: skip
    return _says("SUCCESSFUL", serviceTicketId=access.ticket(), serviceURL=request.param("service"))


def _verify_code(access: Access, request: Request) -> Answer:
    sign_in = access.sign_in(request.cookie("SESSION"))
    if not access.code_fits(sign_in, request.json()["mfaVerificationCode"]):
        return _says(WRONG_CODE, 401)
    return _says("SUCCESSFUL", serviceTicketId=access.ticket(), serviceURL=request.param("service"))


def _widget_form(access: Access, request: Request) -> Answer:
    return _with_cookie(access, request, lambda it: page(WIDGET_TITLE, _hidden(it)))


def _widget_login(access: Access, request: Request) -> Answer:
    form, sign_in = request.form(), _sent_by(access, request)
    if not access.password_fits(form.get("username", ""), form.get("password", "")):
        return page("Invalid sign in", _hidden(sign_in))
    if access.mfa_code is None:
        return _widget_success(access)
    sign_in.awaits_code = True
    return _widget_code_form(sign_in)


def _widget_code(access: Access, request: Request) -> Answer:
    sign_in = _sent_by(access, request)
    if not access.code_fits(sign_in, request.form().get("mfa-code", "")):
        return _widget_code_form(sign_in)
    return _widget_success(access)


def _widget_send_code(access: Access, request: Request) -> Answer:
    access.codes_sent += 1
    return json_answer({})


def _token(access: Access, request: Request) -> Answer:
    return json_answer(access.grant(request.form()))


def _widget_code_form(sign_in: SignIn) -> Answer:
    told = {"customerGuid": "fake-guid", "mfaMethod": "email", "locale": "en", "clientId": "fake-client",
            "codeSentTo": ""}  # fmt: skip
    script = "".join(f'var {name} = "{value}";\n' for name, value in told.items())
    return page("Enter MFA code for login", f"<script>{script}</script>{_hidden(sign_in)}")


def _widget_success(access: Access) -> Answer:
    return page("Success", f'<script>var url = "https://sso.garmin.com/sso/embed?ticket={access.ticket()}";'
                           "</script>")  # fmt: skip


def _hidden(sign_in: SignIn) -> str:
    return f'<form><input type="hidden" name="_csrf" value="{sign_in.csrf}" /></form>'


def _sent_by(access: Access, request: Request) -> SignIn:
    sign_in = access.sign_in(request.cookie("SESSION"))
    if sign_in is None or request.form().get("_csrf") != sign_in.csrf:
        raise Refusal(403, "forged form")
    return sign_in


def _with_cookie(access: Access, request: Request, show: Callable[[SignIn], Answer]) -> Answer:
    cookie, sign_in = access.open_page(request.cookie("SESSION"))
    shown = show(sign_in)
    headers = {"Set-Cookie": f"SESSION={cookie}; Path=/; HttpOnly"}
    return Answer(shown.status, shown.body, shown.content_type, headers)


def _says(kind: str, status: int = 200, **more: Any) -> Answer:
    word = "OK" if status == 200 else "UNAUTHORIZED"
    return json_answer({"serviceURL": None, "serviceTicketId": None, "customerMfaInfo": None,
                        "responseStatus": {"type": kind, "message": "", "httpStatus": word}, **more},
                       status)  # fmt: skip


_ROUTES: dict[tuple[str, str], Callable[[Access, Request], Answer]] = {
    ("GET", "/mobile/sso/en_US/sign-in"): _sign_in_page,
    ("POST", "/mobile/api/login"): _login,
    ("POST", "/mobile/api/mfa/verifyCode"): _verify_code,
    ("GET", "/portal/sso/en-US/sign-in"): _sign_in_page,
    ("POST", "/portal/api/login"): _login,
    ("POST", "/portal/api/mfa/verifyCode"): _verify_code,
    ("GET", "/sso/embed"): _widget_form,
    ("GET", "/sso/signin"): _widget_form,
    ("POST", "/sso/signin"): _widget_login,
    ("POST", "/sso/verifyMFA/loginEnterMfaCode"): _widget_code,
    ("POST", "/sso/verifyMFA/mfaCode"): _widget_send_code,
    ("POST", "/di-oauth2-service/oauth/token"): _token,
}
