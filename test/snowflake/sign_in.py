"""Who may sign in: as Snowflake documents key pairs and programmatic access tokens."""

import hmac
from base64 import b64encode
from hashlib import sha256

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def refusal(data: dict, key: object, token: str) -> str | None:
    """What is wrong with a login request's data; None: nothing."""
    given = data.get("TOKEN") or ""
    if data.get("AUTHENTICATOR") == "SNOWFLAKE_JWT":
        return jwt_refusal(data, given, key)
    if data.get("AUTHENTICATOR") == "PROGRAMMATIC_ACCESS_TOKEN":
        return None if hmac.compare_digest(given, token) else "The access token"
    return f"A sign-in by {data.get('AUTHENTICATOR') or 'password'}"


def jwt_refusal(data: dict, given: str, key: object) -> str | None:
    """Signed by the private key of the pair, for this account and user, naming the public key's fingerprint."""
    try:
        # The Node.js driver gives the times in milliseconds.
        claims = jwt.decode(given, key, algorithms=["RS256"], options={"verify_exp": False, "verify_iat": False})
    except jwt.InvalidTokenError:
        return "The JWT's signature"
    print_of_key = b64encode(sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()).decode()
    subject = f"{data['ACCOUNT_NAME']}.{data['LOGIN_NAME']}".upper()
    is_right = claims.get("sub") == subject and claims.get("iss") == f"{subject}.SHA256:{print_of_key}"
    return None if is_right else "The JWT's issuer or subject"
