"""Print how many CPU seconds pyHanko takes for one signature, start left out.

Usage: speed.py FILE KEY.p12 PASSWORD TIMES. Each signature is invisible, PAdES
B-B with SHA-256, into memory; the quickest counts.
"""
import io
import sys
import time

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter

path, p12, password, times = sys.argv[1:]
signer = signers.SimpleSigner.load_pkcs12(p12, passphrase=password.encode())
meta = signers.PdfSignatureMetadata(field_name="S", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)


def once():
    with open(path, "rb") as f:
        start = time.process_time()
        out = io.BytesIO()
        signers.sign_pdf(IncrementalPdfFileWriter(f), meta, signer=signer, output=out)
        return time.process_time() - start


print(min(once() for _ in range(int(times))))
