// The text by which a call or an aggregate is known as a column.
#pragma once

#include <string>
#include <string_view>

namespace lynxdb::spl2 {

// `written` without spaces and comments outside quotes, function names in lower case:
// "Avg( duration_ms )" is "avg(duration_ms)". `count()` is `count`.
std::string call_text(std::string_view written);

}  // namespace lynxdb::spl2
