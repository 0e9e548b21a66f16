"""The keys of encrypted columns, as the environment gives them: see apps.common.encryption."""

import base64

import environs
from django.core.exceptions import ImproperlyConfigured

from apps.common.encryption import keys

#: For development and tests, where the data is made up.
_DEVELOPMENT = {
    "FIELD_KEYS": "dev:" + base64.b64encode(b"insecure-default-for-development").decode(),
    "BLIND_INDEX_KEY": base64.b64encode(b"insecure-blind-index-development").decode(),
}


def read_keys(env: environs.Env, *, production: bool) -> tuple[str, str]:
    """FIELD_KEYS and BLIND_INDEX_KEY, as they are written."""
    field_keys, index_key = (env.str(name, "" if production else ours) for name, ours in _DEVELOPMENT.items())
    return field_keys, index_key


def wrong_with_keys(field_keys: str, blind_index_key: str) -> list[str]:
    """What keeps production from starting, by the variable's name and never by its value."""
    given = {"FIELD_KEYS": field_keys, "BLIND_INDEX_KEY": blind_index_key}
    wrong = [f"{name} is not set" for name, value in given.items() if not value]
    wrong += [f"{name} is the example's value" for name, value in given.items() if "change-me" in value]
    if wrong:
        return wrong
    ours = {keys.read_key(name, text.rpartition(":")[2]) for name, text in _DEVELOPMENT.items()}
    try:
        fields = set(keys.read_ring(field_keys).values())
        index = keys.read_key("BLIND_INDEX_KEY", blind_index_key)
    except ImproperlyConfigured as error:
        return [str(error)]
    wrong += ["FIELD_KEYS holds the key for development"] if fields & ours else []
    wrong += ["BLIND_INDEX_KEY is the one for development"] if index in ours else []
    return wrong + (["BLIND_INDEX_KEY is one of FIELD_KEYS"] if index in fields else [])
