#include "io/object_store.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/utf8.h"

namespace lynxdb::io {
namespace {

// S3 allows 1,024 bytes for the bucket's prefix and the key; file systems 255 for a name, which a
// temporary name makes longer.
constexpr std::size_t kKeyBytesMax = 900;
constexpr std::size_t kPartBytesMax = 200;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool is_part(std::string_view part) {
  return !part.empty() && part.size() <= kPartBytesMax && part.front() != '.';
}

bool has_good_parts(std::string_view key) {
  for (;;) {
    const std::size_t slash = key.find('/');
    if (!is_part(key.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    key.remove_prefix(slash + 1);
  }
}

// The key as an error may show it: of unknown origin, so neither long nor with control bytes.
std::string shown(std::string_view key) {
  constexpr std::size_t kShownBytesMax = 80;
  std::string text(key.substr(0, kShownBytesMax));
  std::replace_if(text.begin(), text.end(), is_control, '?');
  return text;
}

}  // namespace

Result<> check_object_key(std::string_view key) {
  const bool good = key.size() <= kKeyBytesMax &&
                    std::none_of(key.begin(), key.end(), is_control) && has_good_parts(key) &&
                    base::is_utf8(key);
  if (good) return {};
  return Error{ErrorCode::kInvalidArgument, "bad object key \"" + shown(key) + "\""};
}

Result<std::vector<ObjectInfo>> list_all(ObjectStore& store, std::string_view prefix,
                                         std::size_t objects_max) {
  std::vector<ObjectInfo> all;
  for (bool more = true; more;) {
    const std::string after = all.empty() ? std::string() : all.back().key;
    ObjectPage page = TRY(store.list(prefix, after));
    LYNXDB_CHECK(!page.more || !page.objects.empty());
    if (page.objects.size() > objects_max - all.size()) {
      return Error{ErrorCode::kOutOfBudget, "more than " + std::to_string(objects_max) +
                                                " objects below \"" + shown(prefix) + "\""};
    }
    std::move(page.objects.begin(), page.objects.end(), std::back_inserter(all));
    more = page.more;
  }
  return all;
}

}  // namespace lynxdb::io
