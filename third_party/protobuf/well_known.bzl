"""The protos that come with protobuf, and what each imports."""

WELL_KNOWN = {
    "any": [],
    "api": [
        "source_context",
        "type",
    ],
    "descriptor": [],
    "duration": [],
    "empty": [],
    "field_mask": [],
    "source_context": [],
    "struct": [],
    "timestamp": [],
    "type": [
        "any",
        "source_context",
    ],
    "wrappers": [],
}
