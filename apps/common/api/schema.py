"""The OpenAPI schema tells the truth about the envelope: successes are wrapped, failures refer to one component."""

from http import HTTPStatus
from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from rest_framework.permissions import AllowAny

Direction = Literal["request", "response"]
ERROR = {"$ref": "#/components/schemas/Failure"}

COMPONENTS: dict[str, Any] = {
    "Failure": {
        "type": "object",
        "description": "Every failure. `code` is stable; `errors` names fields; `message` is in the caller's language.",
        "required": ["success", "message", "code", "errors", "timestamp"],
        "properties": {
            "success": {"type": "boolean", "enum": [False]},
            "message": {"type": "string"},
            "code": {"type": "string", "pattern": r"^[a-z0-9_]+(\.[a-z0-9_]+)*$"},
            "errors": {
                "type": "object",
                "additionalProperties": {"type": "array", "items": {"type": "string"}},
            },
            "data": {"description": "What the caller needs to go on, such as alternatives.", "nullable": True},
            "timestamp": {"type": "string", "format": "date-time"},
        },
        "example": {
            "success": False,
            "message": "Please correct the marked fields.",
            "code": "request.invalid",
            "errors": {"email": ["Enter a valid email address."]},
            "timestamp": "2026-11-21T09:30:00Z",
        },
    },
    "Pagination": {
        "type": "object",
        "required": [
            "current_page", "total_pages", "total_items", "total_is_exact", "items_per_page",
            "has_next_page", "has_prev_page", "next_page", "prev_page",
        ],
        "properties": {
            "current_page": {"type": "integer"},
            "total_pages": {"type": "integer"},
            "total_items": {"type": "integer", "description": "At most 10,000: what can be reached by paging."},
            "total_is_exact": {"type": "boolean", "description": "False when there are more than `total_items`."},
            "items_per_page": {"type": "integer"},
            "has_next_page": {"type": "boolean"},
            "has_prev_page": {"type": "boolean"},
            "next_page": {"type": "integer", "nullable": True},
            "prev_page": {"type": "integer", "nullable": True},
        },
    },
}  # fmt: skip

DESCRIPTIONS = {
    "400": "The input is wrong; `errors` names the fields.",
    "401": "No token, or one that is expired, revoked or not ours.",
    "403": "Not allowed for this role.",
    "404": "Not there, or not yours.",
    "405": "This method is not offered here.",
    "406": "Only application/json can be answered.",
    "409": "The present state does not allow it.",
    "413": "The body is too large.",
    "415": "The body is not of an accepted type.",
    "422": "The Idempotency-Key was used for a different request.",
    "429": "Too many attempts; `Retry-After` says how many seconds to wait.",
    "503": "A needed service is down; nothing was changed, trying again is safe.",
}

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Any text of your own, new for each intended effect (a UUID does well). Sending the same request "
    "again under it within 24 hours gives the first answer again, with `Idempotent-Replayed: true`.",
    "schema": {"type": "string", "pattern": r"^[\x21-\x7e]{1,100}$"},
}


class EnvelopeAutoSchema(AutoSchema):
    """Wraps successes in the envelope, adds the failures an operation can give, and the language parameter."""

    global_params = ()

    def get_override_parameters(self) -> list[Any]:
        return []

    def _get_parameters(self) -> list[dict[str, Any]]:
        language = {
            "name": "lang",
            "in": "query",
            "required": False,
            "description": "Language of the answer; goes before Accept-Language.",
            "schema": {"type": "string", "enum": ["en", "ar", "hi", "es", "fr"]},
        }
        found = [*super()._get_parameters(), language]
        if self._is_idempotent() and not any(parameter["name"] == IDEMPOTENCY_KEY["name"] for parameter in found):
            found.append(IDEMPOTENCY_KEY)
        return found

    def _is_idempotent(self) -> bool:
        name = getattr(self.view, "action", None) or self.method.lower()
        return getattr(getattr(self.view, name, None), "is_idempotent", False)

    def _failures(self) -> list[str]:
        codes = ["400", "405", "406", "429", "503"]
        permissions: list[Any] = getattr(self.view, "get_permissions", list)()
        if not permissions or not all(isinstance(permission, AllowAny) for permission in permissions):
            codes += ["401", "403"]
        if "{" in self.path or self._is_list_view() or self.method == "POST":
            codes.append("404")  # a page beyond the last, or an id in the body that is not there or not yours
        if self.method in {"POST", "PATCH", "PUT", "DELETE"}:
            codes += ["409", "413", "415"]
        if self._is_idempotent():
            codes.append("422")
        if getattr(self.view, "authentication_classes", None):
            codes.append("401")
        return sorted(set(codes) | {str(int(code)) for code in getattr(self.view, "extra_failures", ())})

    def _get_response_bodies(self, direction: Direction = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        for code in self._failures():
            bodies.setdefault(
                code,
                {
                    "description": DESCRIPTIONS.get(code, HTTPStatus(int(code)).phrase),
                    "content": {"application/json": {"schema": ERROR}},
                },
            )
        return dict(sorted(bodies.items()))

    def _get_response_for_code(
        self,
        serializer: Any,
        status_code: str,
        media_types: list[str] | None = None,
        direction: Direction = "response",
    ) -> dict[str, Any]:
        response = super()._get_response_for_code(serializer, status_code, media_types, direction)
        content = response.get("content", {}).get("application/json")
        if not str(status_code).startswith("2") or content is None or getattr(self.view, "bare", False):
            return response
        properties: dict[str, Any] = {
            "success": {"type": "boolean", "enum": [True]},
            "message": {"type": "string"},
            "data": content["schema"],
            "timestamp": {"type": "string", "format": "date-time"},
        }
        required = ["success", "message", "data", "timestamp"]
        if self._is_list_view(serializer) and getattr(self.view, "pagination_class", None):
            extra = getattr(self.view, "extra_meta", {})
            properties["meta"] = {
                "type": "object",
                "required": ["pagination", *extra],
                "properties": {"pagination": {"$ref": "#/components/schemas/Pagination"}, **extra},
            }
            required.append("meta")
        content["schema"] = {"type": "object", "required": required, "properties": properties}
        if "examples" in content:
            for example in content["examples"].values():
                value = example.get("value")
                if not (isinstance(value, dict) and "success" in value):
                    example["value"] = {
                        "success": True,
                        "message": "OK",
                        "data": value,
                        "timestamp": "2026-11-21T09:30:00Z",
                    }
        return response


def add_components(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Postprocessing hook: the shared components, which no serializer stands for."""
    result.setdefault("components", {}).setdefault("schemas", {}).update(COMPONENTS)
    return result


def tag_by_path(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Postprocessing hook: operations stand under the first word of their path, in all documents in the same way."""
    words = set()
    for path, operations in result["paths"].items():
        word = path.removeprefix("/api/v1/").split("/")[0]
        words.add(word)
        for operation in operations.values():
            operation["tags"] = [word]
    result["tags"] = [{"name": word} for word in sorted(words)]
    return result


def empty_data_for_no_serializer(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Postprocessing hook: an answer without a serializer still comes in the envelope, with `data` null."""
    for path in result["paths"].values():
        for operation in path.values():
            for code, response in operation.get("responses", {}).items():
                if code in {"200", "201", "202"} and "content" not in response:
                    response["content"] = {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["success", "message", "data", "timestamp"],
                                "properties": {
                                    "success": {"type": "boolean", "enum": [True]},
                                    "message": {"type": "string"},
                                    "data": {"nullable": True},
                                    "timestamp": {"type": "string", "format": "date-time"},
                                },
                            }
                        }
                    }
    return result
