"""Print, as JSON, what pyHanko says of every signature in PDFs.

Usage: judge.py [--root ROOT.der]... FILE... Nothing is fetched. The output is
one list of judgements for each file.
"""
import argparse
import json
import logging

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko_certvalidator import ValidationContext

logging.disable(logging.CRITICAL)


def roots(paths):
    out = []
    for path in paths:
        with open(path, "rb") as f:
            out.append(x509.Certificate.load(f.read()))
    return out


def conforms(sig):
    if str(sig.sig_object.get("/SubFilter")) != "/ETSI.CAdES.detached":
        return False
    kinds = [attr["type"].native for attr in sig.signer_info["signed_attrs"]]
    if "signing_time" in kinds or "signing_certificate_v2" not in kinds:
        return False
    return "/M" in sig.sig_object


def judge(sig, trusted):
    vc = lambda: ValidationContext(trust_roots=trusted, allow_fetching=False, revocation_mode="soft-fail")
    out = {"field": sig.field_name}
    try:
        if str(sig.sig_object.get("/SubFilter")) == "/ETSI.RFC3161":
            status = validate_pdf_timestamp(sig, vc())
        else:
            status = validate_pdf_signature(sig, vc(), ts_validation_context=vc())
            stamp = getattr(status, "timestamp_validity", None)
            out["timestamp"] = bool(stamp and stamp.valid and stamp.intact and stamp.trusted)
            out["pades"] = conforms(sig)
        out.update(
            coverage=status.coverage.name,
            intact=status.intact,
            valid=status.valid,
            trusted=status.trusted,
            modification=status.modification_level.name if status.modification_level else "",
            docmdp=bool(status.docmdp_ok),
        )
    except Exception as e:  # whatever the judge cannot read is an answer too
        out["error"] = f"{type(e).__name__}: {e}"[:200]
    return out


def judge_file(path, trusted):
    with open(path, "rb") as f:
        try:
            signatures = PdfFileReader(f, strict=False).embedded_signatures
        except Exception as e:
            return [{"error": f"{type(e).__name__}: {e}"[:200]}]
        return [judge(s, trusted) for s in signatures]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", action="append", default=[])
    parser.add_argument("files", nargs="+")
    args = parser.parse_args()
    trusted = roots(args.root)
    print(json.dumps([judge_file(path, trusted) for path in args.files]))


main()
