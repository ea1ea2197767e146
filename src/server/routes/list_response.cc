#include "server/routes/list_response.h"

#include <algorithm>
#include <charconv>
#include <span>

#include "server/routes/routes.h"

namespace lynxdb::server {
namespace {

Result<> read_number(const Request& request, std::string_view name, std::uint64_t& number) {
  const std::string* text = request.query.find(name);
  if (text == nullptr) return {};
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, number);
  if (text->empty() || error != std::errc() || stop != end)
    return Error{ErrorCode::kInvalidArgument, std::string(name) + " must be a whole number from 0"};
  return {};
}

}  // namespace

Result<ListPage> read_list_page(const Request& request) {
  ListPage page;
  TRY(read_number(request, "limit", page.limit));
  TRY(read_number(request, "offset", page.offset));
  page.is_ndjson =
      request.headers.get("Accept").find("application/x-ndjson") != std::string_view::npos;
  return page;
}

Response list_response(const ListPage& page, std::string_view name,
                       const std::vector<std::string>& items, std::string_view more,
                       std::string_view meta) {
  const std::size_t begin = std::min<std::uint64_t>(page.offset, items.size());
  const std::size_t size = std::min<std::uint64_t>(page.limit, items.size() - begin);
  const std::span<const std::string> wanted(items.data() + begin, size);
  if (page.is_ndjson) {
    Response response;
    response.content_type = kNdjson;
    for (const std::string& item : wanted) response.body.append(item).append("\n");
    return response;
  }
  std::string data = "{\"" + std::string(name) + "\":[";
  for (const std::string& item : wanted) {
    if (&item != wanted.data()) data += ',';
    data += item;
  }
  data.append("]").append(more).append("}");
  return data_response(data, meta);
}

}  // namespace lynxdb::server
