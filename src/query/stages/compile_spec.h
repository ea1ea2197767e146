// From the syntax of aggregates and by-keys to what is computed: shared by stats, timechart,
// eventstats and streamstats.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "query/aggregation.h"

namespace lynxdb::query {

// Errors: kInvalidArgument for an unknown aggregate, a bad expression, two columns of one name.
Result<AggregationSpec> compile_spec(std::span<const spl2::Aggregate> aggregates,
                                     std::span<const spl2::ByKey> by, std::string_view command,
                                     const CompileContext& context);

// A key that is a field.
Result<AggregationSpec::Key> field_key(const std::string& field, const CompileContext& context);

// kInvalidArgument when two output columns have one name.
Result<> check_outputs(const AggregationSpec& spec);

}  // namespace lynxdb::query
