// Strings as decoders hand them out: views, and what keeps their bytes alive.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace lynxdb::segment {

struct TextValues {
  std::vector<std::string_view> values;
  std::shared_ptr<const void> owner;  // Null when the views borrow from the encoded bytes.
};

}  // namespace lynxdb::segment
