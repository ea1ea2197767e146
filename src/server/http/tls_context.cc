#include "server/http/tls_context.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>

namespace lynxdb::server {
namespace {

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, Freer<X509_free>>;
using BioPtr = std::unique_ptr<BIO, Freer<BIO_free_all>>;

Error tls_error(std::string what) {
  char text[256] = "";
  const unsigned long code = ::ERR_get_error();
  if (code != 0) ::ERR_error_string_n(code, text, sizeof text);
  ::ERR_clear_error();
  if (*text != '\0') what += std::string(": ") + text;
  return Error{ErrorCode::kInvalidArgument, std::move(what)};
}

bool add_extension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = ::X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  if (extension == nullptr) return false;
  const bool added = ::X509_add_ext(certificate, extension, -1) == 1;
  ::X509_EXTENSION_free(extension);
  return added;
}

std::string host_name() {
  char name[256] = "";
  if (::gethostname(name, sizeof name - 1) != 0 || *name == '\0') return "localhost";
  return name;
}

CertificatePtr make_certificate(EVP_PKEY* key) {
  constexpr long kTenYears = 10L * 365 * 24 * 3600;
  CertificatePtr certificate(::X509_new());
  std::uint64_t serial = 0;
  if (certificate == nullptr ||
      ::RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1)
    return nullptr;
  ::X509_set_version(certificate.get(), 2);
  ::ASN1_INTEGER_set_uint64(::X509_get_serialNumber(certificate.get()), serial >> 1U);
  // A little back, for clients whose clock is behind.
  ::X509_gmtime_adj(::X509_getm_notBefore(certificate.get()), -3600);
  ::X509_gmtime_adj(::X509_getm_notAfter(certificate.get()), kTenYears);
  ::X509_set_pubkey(certificate.get(), key);
  const std::string host = host_name();
  X509_NAME* name = ::X509_get_subject_name(certificate.get());
  ::X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(host.c_str()), -1, -1, 0);
  ::X509_set_issuer_name(certificate.get(), name);
  const bool complete =
      add_extension(
          certificate.get(), NID_subject_alt_name,
          "DNS:localhost,IP:127.0.0.1,IP:::1" + (host == "localhost" ? "" : ",DNS:" + host)) &&
      add_extension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE") &&
      ::X509_sign(certificate.get(), key, ::EVP_sha256()) > 0;
  return complete ? std::move(certificate) : nullptr;
}

// Written beside its place and renamed, so that nobody reads half a file.
Result<> write_pem(const std::string& path, mode_t mode, const std::function<int(BIO*)>& put) {
  const std::string temporary = path + ".new";
  const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (descriptor < 0)
    return Error{ErrorCode::kIo, "cannot write " + temporary + ": " + std::strerror(errno)};
  const BioPtr bio(::BIO_new_fd(descriptor, BIO_CLOSE));
  const bool written = bio != nullptr && put(bio.get()) == 1 && ::fsync(descriptor) == 0;
  if (!written || ::rename(temporary.c_str(), path.c_str()) != 0)
    return Error{ErrorCode::kIo, "cannot write " + path + ": " + std::strerror(errno)};
  return {};
}

bool exists(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0;
}

}  // namespace

Result<CertificateFiles> self_signed_certificate(const std::string& directory) {
  CertificateFiles files{directory + "/tls-cert.pem", directory + "/tls-key.pem"};
  if (exists(files.certificate) && exists(files.key)) return files;
  const KeyPtr key(::EVP_EC_gen("P-256"));
  if (key == nullptr) return tls_error("cannot make a key");
  const CertificatePtr certificate = make_certificate(key.get());
  if (certificate == nullptr) return tls_error("cannot make a certificate");
  TRY(write_pem(files.key, 0600, [&](BIO* out) {
    return ::PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  }));
  TRY(write_pem(files.certificate, 0644,
                [&](BIO* out) { return ::PEM_write_bio_X509(out, certificate.get()); }));
  return files;
}

Result<std::shared_ptr<SSL_CTX>> load_tls_context(const CertificateFiles& files) {
  std::shared_ptr<SSL_CTX> context(::SSL_CTX_new(::TLS_server_method()), ::SSL_CTX_free);
  if (context == nullptr) return tls_error("cannot set up TLS");
  ::SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  ::SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  ::SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  if (::SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1)
    return tls_error("cannot read the certificate " + files.certificate);
  if (::SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1)
    return tls_error("cannot read the key " + files.key);
  if (::SSL_CTX_check_private_key(context.get()) != 1)
    return tls_error("the key " + files.key + " is not that of " + files.certificate);
  return context;
}

Result<std::string> certificate_fingerprint(const std::string& certificate_file) {
  const BioPtr in(::BIO_new_file(certificate_file.c_str(), "r"));
  const CertificatePtr certificate(
      in == nullptr ? nullptr : ::PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (certificate == nullptr ||
      ::X509_digest(certificate.get(), ::EVP_sha256(), digest, &size) != 1)
    return tls_error("cannot read the certificate " + certificate_file);
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    if (i > 0) text += ':';
    text += kHex[digest[i] >> 4U];
    text += kHex[digest[i] & 15U];
  }
  return text;
}

}  // namespace lynxdb::server
