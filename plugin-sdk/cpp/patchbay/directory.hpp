// SPDX-License-Identifier: Apache-2.0
// Clients of the node and retained messages: looked up, paged, changed. Permissions: "clients", "retained".
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "patchbay/client.hpp"
#include "patchbay/message.hpp"

namespace patchbay {

/// [any-thread]; made on the control thread. Answers come on a worker.
class client_directory {
 public:
  /// `cursor` 0: the last page.
  using page_callback = std::function<void(status, std::vector<client>, std::uint64_t cursor)>;
  explicit client_directory(host of) : host_(of.raw()), table_(of.get<patchbay_clients>(PATCHBAY_CLIENTS_1)) {}
  explicit operator bool() const { return table_ != nullptr; }

  status find(std::string_view client_id, page_callback answer) const {
    return ask(std::move(answer), [&](void* self) { return table_->find(host_, raw_text(client_id), &show, self); });
  }
  status page(std::uint64_t cursor, std::uint32_t limit, page_callback answer) const {
    return ask(std::move(answer), [&](void* self) { return table_->page(host_, cursor, limit, &show, self); });
  }
  /// `reason` 0: administrative action. OK: asked.
  status disconnect(std::string_view client_id, std::uint8_t reason = 0) const {
    return table_ == nullptr ? PATCHBAY_DENIED : table_->disconnect(host_, raw_text(client_id), reason);
  }
  /// An empty value removes the attribute.
  status set_attribute(std::string_view client_id, std::string_view name, std::string_view value) const {
    const patchbay_pair pair{raw_text(name), raw_text(value)};
    return table_ == nullptr ? PATCHBAY_DENIED : table_->set_attributes(host_, raw_text(client_id), &pair, 1);
  }
  /// Forgets cached access decisions: of a client, of a user, or of everybody.
  status invalidate_acl(std::string_view client_id = {}, std::string_view username = {}) const {
    return table_ == nullptr ? PATCHBAY_DENIED : table_->invalidate_acl(host_, raw_text(client_id), raw_text(username));
  }

 private:
  struct question {
    const patchbay_host* host;
    page_callback answer;
  };
  template <typename Ask>
  status ask(page_callback answer, Ask give) const {
    if (table_ == nullptr) return PATCHBAY_DENIED;
    auto asked = std::make_unique<question>(question{host_, std::move(answer)});
    const status code = give(asked.get());
    if (code == PATCHBAY_OK) static_cast<void>(asked.release());  // show() frees it
    return code;
  }
  static void show(void* self, status code, const patchbay_client* const* found, std::size_t count,
                   std::uint64_t cursor) noexcept {
    const std::unique_ptr<question> owned(static_cast<question*>(self));
    try {
      std::vector<client> list;
      for (std::size_t i = 0; i < count; ++i) list.emplace_back(owned->host, found[i]);
      owned->answer(code, std::move(list), cursor);
    } catch (const std::exception& e) {
      host(owned->host).log_error("a page of clients: ", e.what());
    } catch (...) {
      host(owned->host).log_error("a page of clients: an exception");
    }
  }
  const patchbay_host* host_;
  const patchbay_clients* table_;
};

/// [any-thread]; made on the control thread. Answers come on a worker.
class retained_messages {
 public:
  using page_callback = std::function<void(status, std::vector<message>, std::uint64_t cursor)>;
  explicit retained_messages(host of) : host_(of.raw()), table_(of.get<patchbay_retained>(PATCHBAY_RETAINED_1)) {}
  explicit operator bool() const { return table_ != nullptr; }

  status find(std::string_view topic, page_callback answer) const {
    return ask(std::move(answer), [&](void* self) { return table_->find(host_, raw_text(topic), &show, self); });
  }
  status match(std::string_view topic_filter, std::uint64_t cursor, std::uint32_t limit, page_callback answer) const {
    return ask(std::move(answer),
               [&](void* self) { return table_->match(host_, raw_text(topic_filter), cursor, limit, &show, self); });
  }
  status remove(std::string_view topic) const {
    return table_ == nullptr ? PATCHBAY_DENIED : table_->remove(host_, raw_text(topic));
  }

 private:
  struct question {
    const patchbay_host* host;
    page_callback answer;
  };
  template <typename Ask>
  status ask(page_callback answer, Ask give) const {
    if (table_ == nullptr) return PATCHBAY_DENIED;
    auto asked = std::make_unique<question>(question{host_, std::move(answer)});
    const status code = give(asked.get());
    if (code == PATCHBAY_OK) static_cast<void>(asked.release());  // show() frees it
    return code;
  }
  static void show(void* self, status code, const patchbay_message* const* found, std::size_t count,
                   std::uint64_t cursor) noexcept {
    const std::unique_ptr<question> owned(static_cast<question*>(self));
    try {
      std::vector<message> list;
      for (std::size_t i = 0; i < count; ++i) list.emplace_back(owned->host, found[i]);
      owned->answer(code, std::move(list), cursor);
    } catch (const std::exception& e) {
      host(owned->host).log_error("a page of retained messages: ", e.what());
    } catch (...) {
      host(owned->host).log_error("a page of retained messages: an exception");
    }
  }
  const patchbay_host* host_;
  const patchbay_retained* table_;
};

}  // namespace patchbay
