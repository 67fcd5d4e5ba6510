"""Print the processor seconds that pyHanko takes to validate the signatures of a PDF.

Usage: seconds.py ROOT.der FILE TIME TIMES. Nothing is fetched; the start of
the program does not count.
"""
import logging
import sys
import time
from datetime import datetime

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

logging.disable(logging.CRITICAL)


def validate(path, root, moment):
    with open(path, "rb") as f:
        for sig in PdfFileReader(f).embedded_signatures:
            vc = ValidationContext(trust_roots=[root], allow_fetching=False, revocation_mode="soft-fail", moment=moment)
            status = validate_pdf_signature(sig, vc)
            assert status.intact and status.valid and status.trusted, status.summary()


with open(sys.argv[1], "rb") as f:
    root = x509.Certificate.load(f.read())
moment = datetime.fromisoformat(sys.argv[3])
validate(sys.argv[2], root, moment)
begin = time.process_time()
for _ in range(int(sys.argv[4])):
    validate(sys.argv[2], root, moment)
print((time.process_time() - begin) / int(sys.argv[4]))
