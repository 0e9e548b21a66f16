"""One patient as a FHIR R4 bundle, mapped by hand into plain dicts: `dumps(bundle_of(patient, now=now))`.

Resources stand in the bundle under `urn:uuid:<id>` and refer to one another by it, so that the bundle stands on its
own. It holds what the patient may see: no draft of a doctor, no result that is not released. What was struck out,
entered in error, declared void or withdrawn is there with the status that says so.
"""

from .bundle import bundle_of
from .elements import MEDIA_TYPE, dumps

__all__ = ["MEDIA_TYPE", "bundle_of", "dumps"]
