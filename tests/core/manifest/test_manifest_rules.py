"""Each rule refuses the one valid manifest, bent once (spec: manifest.md, sections 3 to 5)."""

import base64

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from marble_core.manifest.check import ManifestRefused, check_manifest, require_manifest
from marble_core.manifest.findings import Severity
from marble_core.manifest.rules import RULES
from tests.fakes.manifests import (
    ABSENT,
    bent,
    certificate,
    certificate_der,
    certificate_pem,
    encoded,
    recovery_pem,
)

CHECKING = "checking manifest: "
SHARED = "generating secrets from manifest: "
PLACEHOLDERS = "generating placeholder secrets from manifest: "
KEYS = "generating recovery encryption key: "
USERS = "generating users from manifest: "
DRY_RUN = "running manifest template dry run: "

ENTRY = ("TLS", "link", "Incoming", 1)
ENV = ("Marbles", "shutter", "Parameters", "Env")
CERT = ("Secrets", "web", "Cert")


def pem(label, der):
    return f"-----BEGIN {label}-----\n{base64.encodebytes(der).decode()}-----END {label}-----\n"


def key_pem(key):
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


CASES = [
    # rule, where it is bent, to what, the path of the finding, the wire message
    ("R1", ("Packages",), {}, "Packages", CHECKING + "no allowed packages defined"),
    ("R1", ("Marbles",), ABSENT, "Marbles", CHECKING + "no allowed marbles defined"),
    (
        "R2", ("Marbles", "plate", "Package"), "Camera", "Marbles.plate.Package",
        CHECKING + "manifest does not contain marble package Camera",
    ),
    (
        "R3", ("Packages", "camera", "SecurityVersion"), 0, "Packages.camera.UniqueID",
        CHECKING + "manifest specifies both UniqueID *and* SignerID/ProductID/SecurityVersion in package camera",
    ),
    *(
        (
            "R4", ("Packages", "dome", field), ABSENT, f"Packages.dome.{field}",
            CHECKING + f"manifest misses value for {field} in package dome",
        )
        for field in ("SignerID", "ProductID", "SecurityVersion")
    ),
    (
        "R5", ("Marbles", "plate", "TLS"), ["link", "lonk"], "Marbles.plate.TLS[1]",
        CHECKING + "manifest misses TLS entry for lonk",
    ),
    ("R6", (*ENTRY, "Port"), "", "TLS.link.Incoming[1].Port", CHECKING + "manifest misses Port in TLS.Incoming.link"),
    (
        "R7", (*ENTRY, "Cert"), "wob", "TLS.link.Incoming[1].Cert",
        CHECKING + "TLS.Incoming.link references undefined secret wob",
    ),
    (
        "R8", (*ENTRY, "DisableClientAuth"), False, "TLS.link.Incoming[1].Cert",
        CHECKING + "TLS.Incoming.link defines Cert but does not disable client authentication",
    ),
    (
        "R8", (*ENTRY, "Cert"), ABSENT, "TLS.link.Incoming[1].DisableClientAuth",
        CHECKING + "TLS.Incoming.link disables client authentication but does not define Cert",
    ),
    (
        "R9", ("TLS", "link", "Outgoing", 0, "Addr"), ABSENT, "TLS.link.Outgoing[0].Addr",
        CHECKING + "manifest misses Addr in TLS.Outgoing.link",
    ),
    (
        "R9", ("TLS", "link", "Outgoing", 0, "Port"), "", "TLS.link.Outgoing[0].Port",
        CHECKING + "manifest misses Port in TLS.Outgoing.link",
    ),
    (
        "R10", ("Users", "vera", "Certificate"), "", "Users.vera.Certificate",
        CHECKING + "manifest does not contain a certificate for user vera",
    ),
    (
        "R11", ("Users", "vera", "Roles"), ["keeper", "Raiser"], "Users.vera.Roles[1]",
        CHECKING + "manifest specifies role Raiser for user vera, but role does not exist",
    ),
    (
        "R12", ("Users", "vera", "Certificate"), "vera's\n" + certificate_pem("carl").replace("\n", "\r\n"),
        "Users.vera.Certificate", CHECKING + "manifest contains the same certificate for users carl and vera",
    ),
    (
        "R13", ("Roles", "raiser", "ResourceType"), "packages", "Roles.raiser.ResourceType",
        CHECKING + "unrecognized resource type: packages for role: raiser",
    ),
    (
        "R14", ("Roles", "raiser", "ResourceNames"), ["dome", "spire"], "Roles.raiser.ResourceNames[1]",
        CHECKING + "role raiser: resource spire of type Packages is not defined in manifest",
    ),
    (
        "R14", ("Roles", "keeper", "ResourceNames"), ["Note"], "Roles.keeper.ResourceNames[0]",
        CHECKING + "role keeper: resource Note of type Secrets is not defined in manifest",
    ),
    (
        "R15", ("Roles", "raiser", "Actions"), ["updatesecurityversion", " UpdateSecurityVersion"],
        "Roles.raiser.Actions[1]",
        CHECKING + "unknown action:  UpdateSecurityVersion for type Packages in role: raiser",
    ),
    (
        "R16", ("Roles", "keeper", "ResourceNames"), ["note", "star"], "Roles.keeper.ResourceNames[1]",
        CHECKING + "manifest specifies write permission for role keeper and secret star, but secret is not user-defined",
    ),
    (
        "R17", ("Roles", "keeper"), {"ResourceType": "Secrets", "ResourceNames": ["own"], "Actions": ["READSECRET"]},
        "Roles.keeper.ResourceNames[0]",
        CHECKING + "manifest specifies read permission for role keeper and per-marble-unique secret own",
    ),
    (
        "R18", ("Roles", "raiser"),
        {"ResourceType": "Manifest", "ResourceNames": ["dome"], "Actions": ["UpdateManifest"]},
        "Roles.raiser.ResourceNames", CHECKING + "role raiser: resource names are not allowed for type Manifest",
    ),
    (
        "R19", ("Secrets", "note", "Type"), "Plain", "Secrets.note.Type", CHECKING + "unknown type: Plain for secret: note",
    ),
    (
        "R19", (*CERT, "NotAfter"), "2040-01-01T00:00:00Z", "Secrets.web.ValidFor",
        CHECKING + "ambiguous certificate validity duration for secret: web, both NotAfter and ValidFor are specified",
    ),
    *(
        ("R20", ("Secrets", name, "Size"), size, f"Secrets.{name}.Size", stage + f"invalid secret size: {name}")
        for name, stage in (("star", SHARED), ("own", PLACEHOLDERS))
        for size in (0, 12)
    ),
    ("R20", ("Secrets", "star", "Size"), 2**32, "Secrets.star.Size", SHARED + "invalid secret size: star"),
    ("R20", ("Secrets", "star", "Size"), 2**64 - 8, "Secrets.star.Size", SHARED + "invalid secret size: star"),
    ("R21", ("Secrets", "own", "Size"), 65288, "Secrets.own.Size", PLACEHOLDERS + "hkdf: entropy limit reached: own"),
    (
        "R22", ("Secrets", "web", "Size"), 512, "Secrets.web.Size",
        SHARED + "unsupported size 512: does not map to a supported curve",
    ),
    (
        "R22", ("Secrets", "own"), {"Type": "cert-ed25519", "Size": 256}, "Secrets.own.Size",
        PLACEHOLDERS + "invalid secret size for cert-ed25519, must be 0: own",
    ),
    (
        "R23", ("Secrets", "star"), {"Type": "cert-rsa", "Size": 1023, "Shared": True}, "Secrets.star.Size",
        SHARED + "crypto/rsa: 1023-bit keys are insecure",
    ),
    (
        "R23", ("Secrets", "star"), {"Type": "cert-rsa", "Size": 16385, "Shared": True}, "Secrets.star.Size",
        SHARED + "crypto/rsa: 16385-bit keys are too large",
    ),
    ("R24", ("Secrets", "spare"), {"Type": "plain"}, "Secrets.spare.Type", PLACEHOLDERS + "unsupported secret of type plain"),
    (
        "Cert", ("Secrets", "web", "ValidFor"), 2**64 - 1, "Secrets.web.ValidFor",
        SHARED + "invalid certificate validity duration for secret: web",
    ),
    ("R26", ("RecoveryKeys", "vault"), "", "RecoveryKeys.vault", KEYS + "given PEM data is not a public key"),
    (
        "R26", ("RecoveryKeys", "vault"), certificate_pem("vera"), "RecoveryKeys.vault",
        KEYS + "given PEM data is not a public key",
    ),
    (
        "R26", ("RecoveryKeys", "vault"), key_pem(certificate("vera").public_key()), "RecoveryKeys.vault",
        KEYS + "given PEM data is not a public key",
    ),
    (
        "R26", ("RecoveryKeys", "vault"), recovery_pem().replace("PUBLIC KEY", "RSA PUBLIC KEY"), "RecoveryKeys.vault",
        KEYS + "given PEM data is not a public key",
    ),
    (
        "R27", ("Users", "vera", "Certificate"), "vera", "Users.vera.Certificate",
        USERS + "received invalid certificate for user vera",
    ),
    (
        "R27", ("Users", "vera", "Certificate"), pem("FOO", certificate_der("vera")), "Users.vera.Certificate",
        USERS + "received invalid certificate for user vera",
    ),
    (
        "R28", ("Users", "vera", "Certificate"), pem("CERTIFICATE", certificate_der("vera")[:-9]),
        "Users.vera.Certificate", USERS + "x509: malformed certificate of user vera",
    ),
    (
        "R29", (*ENV, "SKY"), "a\0b", "Marbles.shutter.Parameters.Env.SKY",
        DRY_RUN + "in Marble shutter: env variable: SKY: content contains null bytes",
    ),
    (
        "R29", (*ENV, "SKY"), {"Data": "AA==", "Encoding": "base64", "NoTemplates": True},
        "Marbles.shutter.Parameters.Env.SKY",
        DRY_RUN + "in Marble shutter: env variable: SKY: content contains null bytes",
    ),
    (
        "Config", ("Config", "SealMode"), "productkey", "Config.SealMode", CHECKING + "unknown seal mode: productkey",
    ),
    (
        "Config", ("Config", "FeatureGates"), ["signquoteendpoint", "Telescope"], "Config.FeatureGates[1]",
        CHECKING + "unknown feature gate: Telescope",
    ),
    (
        "Config", ("Config", "UpdateThreshold"), 1, "Config.UpdateThreshold",
        CHECKING + "not enough users with manifest update permissions (0) to meet the threshold of 1",
    ),
    (
        "Config", ("Config", "RecoveryThreshold"), 2, "Config.RecoveryThreshold",
        CHECKING + "not enough recovery keys (1) to meet the threshold of 2",
    ),
    (
        "Config", ("Config", "RecoveryThreshold"), 1, "Config.RecoveryThreshold",
        CHECKING + "invalid recovery threshold: if set, threshold must be at least 2",
    ),
]  # fmt: skip

TEMPLATES = [
    ({"DNSNames": ["ok.example", "é.example"]}, "DNSNames[1]"),
    ({"EmailAddresses": ["é@sky.example"]}, "EmailAddresses[0]"),
    ({"OCSPServer": ["http://é"]}, "OCSPServer[0]"),
    ({"PermittedDNSDomains": [".é"]}, "PermittedDNSDomains[0]"),
    ({"ExcludedURIDomains": ["é"]}, "ExcludedURIDomains[0]"),
    ({"KeyUsage": 512}, "KeyUsage"),
    ({"KeyUsage": -1}, "KeyUsage"),
    ({"ExtKeyUsage": [1, 14]}, "ExtKeyUsage[1]"),
    ({"ExtKeyUsage": [-1]}, "ExtKeyUsage[0]"),
    ({"MaxPathLen": 1}, "MaxPathLen"),
    ({"MaxPathLenZero": True}, "MaxPathLen"),
    ({"IsCA": True, "MaxPathLen": -2}, "MaxPathLen"),
    ({"SignatureAlgorithm": 4}, "SignatureAlgorithm"),
    ({"SignatureAlgorithm": 9}, "SignatureAlgorithm"),
    ({"SignatureAlgorithm": -1}, "SignatureAlgorithm"),
    ({"UnknownExtKeyUsage": [[1]]}, "UnknownExtKeyUsage[0]"),
    ({"UnknownExtKeyUsage": [[1, 40]]}, "UnknownExtKeyUsage[0]"),
    ({"Policies": ["3.1"]}, "Policies[0]"),
    ({"Subject": {"ExtraNames": [{"Type": [], "Value": "x"}]}}, "Subject.ExtraNames[0].Type"),
    ({"ExtraExtensions": [{"Id": [2, -1]}]}, "ExtraExtensions[0].Id"),
    ({"ExtraExtensions": [{"Id": [1, 2]}, {"Id": [1, 2]}]}, "ExtraExtensions[1].Id"),
]


def test_the_valid_manifest_gives_no_finding_at_all():
    manifest = bent((("RecoveryKeys", "attic"), recovery_pem(2048, 1)))
    report = check_manifest(encoded(manifest))
    assert report.findings == ()
    assert report.refusal is None
    assert require_manifest(encoded(manifest)) == report.manifest


@pytest.mark.parametrize(
    ("rule", "where", "value", "path", "message"), CASES, ids=[f"{case[0]} {case[3]}" for case in CASES]
)
def test_each_rule_refuses_the_manifest_bent_once(rule, where, value, path, message):
    raw = encoded(bent((where, value)))
    refusal = check_manifest(raw).refusal
    assert (refusal.rule, refusal.path, refusal.message) == (rule, path, message)
    assert refusal.sentence.endswith((".", "?"))
    assert refusal.span is not None
    with pytest.raises(ManifestRefused) as refused:
        require_manifest(raw)
    assert refused.value.finding == refusal
    assert refused.value.message == message


def test_every_rule_has_a_case():
    assert {rule.number for rule in RULES} - {case[0] for case in CASES} == {"R30"}


@pytest.mark.parametrize(("fields", "path"), TEMPLATES, ids=[path for _, path in TEMPLATES])
@pytest.mark.parametrize("shared", [True, False])
def test_a_template_that_no_certificate_can_follow_is_refused_before_any_key_is_made(fields, path, shared):
    manifest = bent((CERT, fields), (("Secrets", "web", "Shared"), shared))
    refusal = check_manifest(encoded(manifest)).refusal
    assert (refusal.rule, refusal.path) == ("Cert", f"Secrets.web.Cert.{path}")
    assert refusal.message.startswith((SHARED if shared else PLACEHOLDERS) + "x509: ")


@pytest.mark.parametrize("fields", [fields for fields, _ in TEMPLATES], ids=[path for _, path in TEMPLATES])
def test_a_template_that_nobody_follows_is_not_judged(fields):
    definition = {"Type": "cert-ecdsa", "UserDefined": True, "Cert": fields}
    assert check_manifest(encoded(bent((("Secrets", "web"), definition)))).refusal is None


@pytest.mark.parametrize(
    "fields",
    [
        {"SignatureAlgorithm": 12}, {"KeyUsage": 511}, {"ExtKeyUsage": [0, 13]}, {"IsCA": True, "MaxPathLen": 4},
        {"UnknownExtKeyUsage": [[2, 999]]}, {"MaxPathLen": -1}, {"DNSNames": [""]}, {"NotBefore": "2030-01-01T00:00:00Z"},
    ],
)  # fmt: skip
def test_unusual_templates_pass(fields):
    assert check_manifest(encoded(bent((CERT, fields)))).refusal is None


UNUSUAL = [
    (("Packages", "dome"), {"Debug": True}),
    (("Packages", "camera", "ProductID"), None),
    (("Packages", "spare"), {"UniqueID": "x", "ProductID": 1}),
    (("Secrets", "own", "Size"), 65280),
    (("Secrets", "own", "Size"), 8),
    (("Secrets", "star", "Size"), 8 * 2**20),
    (("Secrets", "star"), {"Type": "cert-rsa", "Size": 1024, "Shared": True}),
    (("Secrets", "note", "Size"), 7),
    (("Secrets", "spare"), {"Type": "cert-rsa", "UserDefined": True, "Size": 3, "ValidFor": 2**64 - 1}),
    (("Secrets", "web", "ValidFor"), 2_800_000),
    (("RecoveryKeys",), {}),
    (("RecoveryKeys", "vault"), recovery_pem(1024)),
    (("Config", "FeatureGates"), ["MONOTONICcounter"]),
    (("Config", "SealMode"), "Disabled"),
    (("Roles", "raiser", "Actions"), []),
    (("Roles", "raiser"), {"ResourceType": "Manifest", "Actions": ["updatemanifest"]}),
    ((*ENV, "A=B"), ""),
]


# The identifiers leave values out: keys differ from process to process.
@pytest.mark.parametrize(
    ("where", "value"), UNUSUAL, ids=[f"{number} {case[0][-1]}" for number, case in enumerate(UNUSUAL)]
)
def test_what_coordinators_accept_is_accepted(where, value):
    assert check_manifest(encoded(bent((where, value)))).refusal is None


@pytest.mark.parametrize(("actions", "accepted"), [(["UPDATEMANIFEST"], True), ([], False)])
def test_only_users_who_may_update_the_manifest_count_for_the_threshold(actions, accepted):
    role = {"ResourceType": "Manifest", "Actions": actions}
    manifest = bent((("Roles", "raiser"), role), (("Config", "UpdateThreshold"), 2))
    assert (check_manifest(encoded(manifest)).refusal is None) is accepted


def test_several_recovery_keys_share_with_or_without_a_threshold():
    keys = {f"holder {number}": recovery_pem(number=number) for number in range(3)}
    for threshold in (0, 2, 3):
        manifest = bent((("RecoveryKeys",), keys), (("Config", "RecoveryThreshold"), threshold))
        assert check_manifest(encoded(manifest)).findings == ()


@pytest.mark.parametrize(
    ("keys", "threshold", "accepted"), [(255, 2, True), (256, 2, False), (256, 256, True), (256, 0, True)]
)
def test_a_threshold_serves_no_more_keys_than_there_are_shares(keys, threshold, accepted):
    many = {f"holder {number}": recovery_pem() for number in range(keys)}
    manifest = bent((("RecoveryKeys",), many), (("Config", "RecoveryThreshold"), threshold))
    refusal = check_manifest(encoded(manifest)).refusal
    assert accepted == (refusal is None)
    assert accepted or (refusal.path, refusal.message) == (
        "Config.RecoveryThreshold",
        KEYS + "parts cannot exceed 255",
    )


def test_all_faults_are_found_at_once_in_the_order_of_the_checks():
    manifest = bent(
        ((*ENV, "SKY"), "{{ hex .Secrets.lost }}"),
        (("Users", "vera", "Roles"), ["lost"]),
        (("Secrets", "own", "Size"), 7),
        (("Secrets", "star", "Size"), 7),
        (("Marbles", "shutter", "Package"), "b"),
        (("Marbles", "plate", "Package"), "a"),
        (("RecoveryKeys", "vault"), "x"),
        (("Config", "SealMode"), "x"),
    )
    errors = [it for it in check_manifest(encoded(manifest)).findings if it.severity is Severity.ERROR]
    assert [(it.rule, it.path) for it in errors] == [
        ("R2", "Marbles.plate.Package"),
        ("R2", "Marbles.shutter.Package"),
        ("R11", "Users.vera.Roles[0]"),
        ("Config", "Config.SealMode"),
        ("R20", "Secrets.star.Size"),
        ("R20", "Secrets.own.Size"),
        ("R26", "RecoveryKeys.vault"),
        ("R30", "Marbles.shutter.Parameters.Env.SKY"),
    ]


@pytest.mark.parametrize(
    ("value", "marked"),
    [
        ("{{ hex .Secrets.lost }} tail", "hex .Secrets.lost }}"),
        ('"\n\\ é {{ hex .Secrets.lost }}', "hex .Secrets.lost }}"),
        ({"Data": "x {{ hex .Secrets.lost }}"}, "hex .Secrets.lost }}"),
        ({"Data": "e3sgaGV4IH19", "Encoding": "base64"}, '"e3sgaGV4IH19"'),
    ],
)
def test_a_template_fault_is_marked_inside_the_text(value, marked):
    raw = encoded(bent(((*ENV, "SKY"), value)))
    refusal = check_manifest(raw).refusal
    assert refusal.rule == "R30"
    assert refusal.message.startswith(DRY_RUN + "in Marble shutter: env variable SKY: ")
    assert raw.decode()[refusal.span.start.offset : refusal.span.end.offset] == marked
