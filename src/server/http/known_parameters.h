// The parameters of a query string, checked against what a route knows: one that is misspelt or
// given twice must not be ignored in silence.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "server/http/message.h"

namespace lynxdb::server {

// `known`: names; those of one parameter stand together ("q|query"). Errors: kInvalidArgument that
// names the first parameter that is unknown, or that was given before.
Result<> check_parameters(const Parameters& given, std::span<const std::string_view> known);

}  // namespace lynxdb::server
