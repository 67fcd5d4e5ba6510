import eu.europa.esig.dss.diagnostic.DiagnosticData;
import eu.europa.esig.dss.diagnostic.TimestampWrapper;
import eu.europa.esig.dss.jaxb.object.Message;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.reports.Reports;
import java.io.File;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;

/**
 * Prints, one line a signature, how EU DSS judges PDFs by its own policy and the process for long-term archival
 * (ETSI EN 319 102-1, 5.6.3). Nothing is fetched.
 *
 * <p>Usage: Judge TIME N ROOT.der... FILE... with N roots; a line has file number, indication, sub-indication, level, number of
 * timestamps that passed, and the errors, with tabs between them.
 */
class Judge {
  public static void main(String[] args) {
    CommonTrustedCertificateSource roots = new CommonTrustedCertificateSource();
    Date at = Date.from(Instant.parse(args[0]));
    int files = 2 + Integer.parseInt(args[1]);
    for (int i = 2; i < files; i++) {
      roots.addCertificate(DSSUtils.loadCertificate(new File(args[i])));
    }
    for (int i = files; i < args.length; i++) {
      judge(i - files, new FileDocument(args[i]), roots, at);
    }
  }

  private static void judge(int number, FileDocument file, CommonTrustedCertificateSource roots, Date at) {
    CommonCertificateVerifier verifier = new CommonCertificateVerifier();
    verifier.setTrustedCertSources(roots);
    verifier.setAIASource(null);
    verifier.setOcspSource(null);
    verifier.setCrlSource(null);
    SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(file);
    validator.setCertificateVerifier(verifier);
    validator.setValidationTime(at);
    Reports reports = validator.validateDocument();
    SimpleReport simple = reports.getSimpleReport();
    int passed = 0;
    DiagnosticData data = reports.getDiagnosticData();
    for (TimestampWrapper t : data.getTimestampList()) {
      if (String.valueOf(simple.getIndication(t.getId())).equals("PASSED")) {
        passed++;
      }
    }
    for (String id : simple.getSignatureIdList()) {
      List<String> errors = new ArrayList<>();
      for (Message m : simple.getAdESValidationErrors(id)) {
        errors.add(m.getValue());
      }
      System.out.println(String.join("\t", String.valueOf(number), String.valueOf(simple.getIndication(id)),
          String.valueOf(simple.getSubIndication(id)), String.valueOf(simple.getSignatureFormat(id)),
          String.valueOf(passed), String.join("; ", errors)));
    }
  }
}
