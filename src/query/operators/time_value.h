// Values taken as points in time, by `bin` and by `eval _time=`.
#pragma once

#include <cstdint>
#include <optional>

#include "event/value.h"

namespace lynxdb::query {

// ns since 1970: of a timestamp itself; of a number as epoch (unit by magnitude, seconds below
// 1e8); of text that is such a number or a date and time. Nullopt for everything else.
std::optional<std::int64_t> time_from_value(event::ValueView value);

}  // namespace lynxdb::query
