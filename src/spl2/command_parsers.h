// One parser per command, grouped by file; see CommandParser for the contract.
#pragma once

#include <string_view>
#include <vector>

#include "spl2/ast.h"
#include "spl2/context.h"

namespace lynxdb::spl2 {

// filter_commands.cc
bool parse_search_command(Context& context, std::string_view word, std::vector<Command>& commands);
bool parse_where_command(Context& context, std::string_view word, std::vector<Command>& commands);
bool parse_regex_command(Context& context, std::string_view word, std::vector<Command>& commands);

// field_commands.cc
bool parse_eval_command(Context& context, std::string_view word, std::vector<Command>& commands);
bool parse_fields_command(Context& context, std::string_view word, std::vector<Command>& commands);
bool parse_rename_command(Context& context, std::string_view word, std::vector<Command>& commands);
bool parse_rex_command(Context& context, std::string_view word, std::vector<Command>& commands);
bool parse_fillnull_command(Context& context, std::string_view word,
                            std::vector<Command>& commands);
bool parse_unroll_command(Context& context, std::string_view word, std::vector<Command>& commands);
bool parse_bin_command(Context& context, std::string_view word, std::vector<Command>& commands);

// row_commands.cc
bool parse_head_command(Context& context, std::string_view word, std::vector<Command>& commands);
bool parse_sort_command(Context& context, std::string_view word, std::vector<Command>& commands);
bool parse_dedup_command(Context& context, std::string_view word, std::vector<Command>& commands);
bool parse_reverse_command(Context& context, std::string_view word, std::vector<Command>& commands);

// group_commands.cc
bool parse_stats_command(Context& context, std::string_view word, std::vector<Command>& commands);
bool parse_eventstats_command(Context& context, std::string_view word,
                              std::vector<Command>& commands);
bool parse_streamstats_command(Context& context, std::string_view word,
                               std::vector<Command>& commands);
bool parse_timechart_command(Context& context, std::string_view word,
                             std::vector<Command>& commands);
bool parse_top_command(Context& context, std::string_view word, std::vector<Command>& commands);
bool parse_xyseries_command(Context& context, std::string_view word,
                            std::vector<Command>& commands);
bool parse_transaction_command(Context& context, std::string_view word,
                               std::vector<Command>& commands);

// combine_commands.cc
bool parse_join_command(Context& context, std::string_view word, std::vector<Command>& commands);
bool parse_append_command(Context& context, std::string_view word, std::vector<Command>& commands);
bool parse_multisearch_command(Context& context, std::string_view word,
                               std::vector<Command>& commands);

}  // namespace lynxdb::spl2
