"""Print, as JSON, how pyHanko judges the first signature of PDFs by the PAdES
process for long-term archival (ETSI EN 319 102-1, 5.6.3).

Usage: judge_archive.py [--root ROOT.der]... --time 2030-01-01T00:00:00+00:00 FILE...
Nothing is fetched; revocation information is required for every certificate.
pyHanko looks at the machine's clock in a few places even so; it is moved there.
"""
import argparse
import asyncio
import datetime
import json
import logging
import sys

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import ades
from pyhanko.sign.validation.policy_decl import (
    CertificateFetchingRule,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

logging.disable(logging.CRITICAL)


def move_clock(at):
    class Clock(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return at.astimezone(tz)

    for name, module in list(sys.modules.items()):
        if name.startswith("pyhanko") and getattr(module, "datetime", None) is datetime.datetime:
            module.datetime = Clock


def specification(roots):
    policy = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build(roots),
        revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
    )
    offline = RevocationInfoGatheringSpec(
        online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY,
        certificate_fetching_rule=CertificateFetchingRule.NEVER_FETCH,
    )
    return PdfSignatureValidationSpec(
        SignatureValidationSpec(cert_validation_policy=policy, revinfo_gathering_policy=offline)
    )


def judge(path, roots, at):
    with open(path, "rb") as f:
        reader = PdfFileReader(f, strict=False)
        sig = reader.embedded_regular_signatures[0]
        timing = ValidationTimingInfo(validation_time=at, best_signature_time=at, point_in_time_validation=True)
        result = asyncio.run(ades.ades_lta_validation(sig, specification(roots), timing_info=timing))
        er = result.oldest_evidence_record_timestamp
        ts = result.signature_timestamp_status
        return {
            "indication": result.ades_subindic.status.name,
            "sub": result.ades_subindic.name,
            "why": "" if result.ades_subindic.name == "OK" else result.failure_msg or "",
            "store": "/DSS" in reader.root,
            "timestamp": bool(ts and ts.ades_subindic.name == "OK"),
            "archived": er is not None,
            "timestamps": len(reader.embedded_timestamp_signatures),
        }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", action="append", default=[])
    parser.add_argument("--time", required=True)
    parser.add_argument("files", nargs="+")
    args = parser.parse_args()
    roots = []
    for path in args.root:
        with open(path, "rb") as f:
            roots.append(x509.Certificate.load(f.read()))
    at = datetime.datetime.fromisoformat(args.time)
    move_clock(at)
    print(json.dumps([judge(path, roots, at) for path in args.files]))


main()
