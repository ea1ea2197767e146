#include "cluster/rpc/cluster_tls.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <string_view>
#include <utility>

#include "io/whole_file.h"

namespace lynxdb::cluster {
namespace {

constexpr std::uint64_t kTlsFileBytesMax = std::uint64_t{1} << 20U;

template <auto Free>
struct Freed {
  void operator()(auto* object) const { Free(object); }
};
void free_stack(STACK_OF(X509) * stack) { sk_X509_pop_free(stack, X509_free); }

using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Certificates = std::unique_ptr<STACK_OF(X509), Freed<free_stack>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Store = std::unique_ptr<X509_STORE, Freed<X509_STORE_free>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, Freed<X509_STORE_CTX_free>>;

struct PemFile {
  std::string_view setting;
  const std::string& path;
  std::string text{};

  Error wrong(const std::string& what, std::string suggestion = {}) const {
    return Error{ErrorCode::kInvalidArgument, fmt::format("{}: {}: {}", setting, path, what),
                 std::move(suggestion)};
  }
};

Result<> read_pem_file(PemFile& file) {
  if (file.path.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("cluster.tls.enabled is true, but {} is not set", file.setting),
                 "name the PEM files of this node's certificate, of its key and of the authority"};
  }
  auto text = io::read_file(io::posix(), file.path, kTlsFileBytesMax);
  if (!text) return file.wrong("cannot be read: " + text.error().message);
  file.text = *std::move(text);
  return {};
}

Bio bytes_of(const PemFile& file) {
  return Bio(BIO_new_mem_buf(file.text.data(), static_cast<int>(file.text.size())));
}

Result<Certificates> read_certificates(const PemFile& file) {
  const Bio bytes = bytes_of(file);
  Certificates certificates(sk_X509_new_null());
  while (X509* next = PEM_read_bio_X509(bytes.get(), nullptr, nullptr, nullptr))
    sk_X509_push(certificates.get(), next);
  ERR_clear_error();
  if (sk_X509_num(certificates.get()) == 0) return file.wrong("holds no certificate in PEM form");
  return certificates;
}

int no_password(char* /*buffer*/, int /*size*/, int /*for_writing*/, void* /*data*/) { return 0; }

Result<Key> read_key(const PemFile& file) {
  const Bio bytes = bytes_of(file);
  Key key(PEM_read_bio_PrivateKey(bytes.get(), nullptr, no_password, nullptr));
  ERR_clear_error();
  if (key == nullptr) return file.wrong("holds no private key in PEM form without a password");
  return key;
}

std::string text_of(const ASN1_TIME* time) {
  const Bio out(BIO_new(BIO_s_mem()));
  ASN1_TIME_print(out.get(), time);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

Result<> check_time(const PemFile& file, const X509* certificate) {
  const ASN1_TIME* begin = X509_get0_notBefore(certificate);
  const ASN1_TIME* end = X509_get0_notAfter(certificate);
  if (X509_cmp_current_time(end) < 0)
    return file.wrong("the certificate was valid until " + text_of(end), "make a new one");
  if (X509_cmp_current_time(begin) > 0)
    return file.wrong("the certificate is valid from " + text_of(begin) + " on",
                      "look at this machine's clock");
  return {};
}

// As another node will see it.
Result<> check_signed(const PemFile& file, const PemFile& authority_file, X509* certificate,
                      STACK_OF(X509) * chain, STACK_OF(X509) * authorities) {
  const Store store(X509_STORE_new());
  for (int i = 0; i < sk_X509_num(authorities); ++i)
    X509_STORE_add_cert(store.get(), sk_X509_value(authorities, i));
  const StoreContext context(X509_STORE_CTX_new());
  if (X509_STORE_CTX_init(context.get(), store.get(), certificate, chain) != 1)
    return file.wrong("the certificate cannot be checked");
  const bool trusted = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  if (trusted) return {};
  const int reason = X509_STORE_CTX_get_error(context.get());
  return file.wrong(fmt::format("nodes that believe {} ({}) do not believe this certificate: {}",
                                authority_file.setting, authority_file.path,
                                X509_verify_cert_error_string(reason)),
                    "sign the certificates of all nodes by one authority");
}

}  // namespace

Result<ClusterTlsPtr> read_cluster_tls(const ClusterTlsFiles& files) {
  PemFile cert{"cluster.tls.cert_file", files.cert_file};
  PemFile key{"cluster.tls.key_file", files.key_file};
  PemFile authority{"cluster.tls.ca_file", files.ca_file};
  for (PemFile* file : {&cert, &key, &authority}) TRY(read_pem_file(*file));
  const Certificates chain = TRY(read_certificates(cert));
  const Certificates authorities = TRY(read_certificates(authority));
  const Key secret = TRY(read_key(key));
  X509* own = sk_X509_value(chain.get(), 0);
  TRY(check_time(cert, own));
  const bool fits = X509_check_private_key(own, secret.get()) == 1;
  ERR_clear_error();
  if (!fits)
    return key.wrong("is not the key of the certificate in " + cert.path,
                     "cluster.tls.cert_file and cluster.tls.key_file belong together");
  TRY(check_signed(cert, authority, own, chain.get(), authorities.get()));
  return ClusterTlsPtr(std::make_shared<const ClusterTls>(
      ClusterTls{.cert_chain = cert.text, .key = key.text, .authorities = authority.text}));
}

}  // namespace lynxdb::cluster
