// Certificates for HTTPS: read from files, or made here when there are none.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

using SSL_CTX = struct ssl_ctx_st;  // NOLINT(readability-identifier-naming): OpenSSL's.

namespace lynxdb::server {

struct CertificateFiles {
  std::string certificate;  // Chain, PEM.
  std::string key;          // PEM.
};

// Makes a key and a certificate for this machine's names in `directory` (tls-cert.pem,
// tls-key.pem), unless they are there. The key can be read by its owner only. Errors: kIo.
Result<CertificateFiles> self_signed_certificate(const std::string& directory);

// TLS 1.2 and later. Errors: kInvalidArgument when the files are no certificate and its key.
Result<std::shared_ptr<SSL_CTX>> load_tls_context(const CertificateFiles& files);

// SHA-256 of the certificate, "AB:CD:...", as people compare it. Errors: as above.
Result<std::string> certificate_fingerprint(const std::string& certificate_file);

}  // namespace lynxdb::server
