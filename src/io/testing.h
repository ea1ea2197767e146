// For tests of formats, and of what stands on an object store.
#pragma once

#include <fstream>
#include <functional>
#include <sstream>
#include <string>

#include "io/object_store.h"

namespace lynxdb::io::testing {

// The bytes of the first ```hex block of a page; what follows `|` on a line is explanation.
inline std::string worked_bytes(const std::string& page_path) {
  std::ifstream page(page_path);
  std::string line;
  while (std::getline(page, line) && line != "```hex") {
  }
  std::string bytes;
  while (std::getline(page, line) && line != "```") {
    std::istringstream digits(line.substr(0, line.find('|')));
    for (std::string byte; digits >> byte;) {
      bytes.push_back(static_cast<char>(std::stoi(byte, nullptr, 16)));
    }
  }
  return bytes;
}

// Passes everything on to a real store. What derives from it interferes where it wants to.
class ForwardingObjectStore : public ObjectStore {
 public:
  explicit ForwardingObjectStore(ObjectStore& real) : real_(real) {}

  Result<> put(std::string_view key, std::string_view bytes) override {
    return changing([&] { return real_.put(key, bytes); });
  }
  Result<> put_file(std::string_view key, File& file) override {
    return changing([&] { return real_.put_file(key, file); });
  }
  Result<> remove(std::span<const std::string> keys) override {
    return changing([&] { return real_.remove(keys); });
  }
  Result<std::string> get(std::string_view key, ByteRange range) override {
    TRY(reading());
    return real_.get(key, range);
  }
  Result<ObjectInfo> head(std::string_view key) override {
    TRY(reading());
    return real_.head(key);
  }
  Result<ObjectPage> list(std::string_view prefix, std::string_view after,
                          std::size_t limit) override {
    TRY(reading());
    return real_.list(prefix, after, limit);
  }
  void cancel() override { real_.cancel(); }
  ObjectStoreStats stats() const override { return real_.stats(); }

 protected:
  // Around each operation that changes objects, which `change` does.
  virtual Result<> changing(const std::function<Result<>()>& change) { return change(); }
  // Before each other one.
  virtual Result<> reading() { return {}; }

 private:
  ObjectStore& real_;
};

}  // namespace lynxdb::io::testing
