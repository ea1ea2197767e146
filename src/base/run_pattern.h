// What a search for "shard=(?<s>[0-9]+)" looks at in a text: places where a text stands, and runs
// of bytes behind it. For those who can leave out the rest of a text before it is searched.
#pragma once

#include <array>
#include <string>
#include <vector>

namespace lynxdb::base {

// A match is `first`, then each step: the longest run of bytes of its set, and the text behind it,
// which does not begin with a byte of the set. The leftmost match counts. Without steps nothing is
// known but that every match holds `first`, which is never empty.
struct RunPattern {
  struct ByteSet {
    std::array<bool, 256> bytes{};
    bool other_characters = false;  // Those beyond ASCII are in it, too.

    bool has(char byte) const { return bytes[static_cast<unsigned char>(byte)]; }
  };
  struct Step {
    ByteSet bytes;
    bool may_be_empty = false;
    std::string behind;  // Empty only in the last step.
  };

  std::string first;
  std::vector<Step> steps;
};

}  // namespace lynxdb::base
