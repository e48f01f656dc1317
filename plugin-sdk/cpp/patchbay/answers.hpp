// SPDX-License-Identifier: Apache-2.0
// Verdicts that carry something. Each function copies and gives a verdict that must be returned (or given to discard())
// exactly once; what the host doesn't take becomes verdict::failed().
#pragma once

#include <initializer_list>

#include "patchbay/grant.hpp"
#include "patchbay/message.hpp"
#include "patchbay/verdict.hpp"

namespace patchbay {

/// [any-thread]
class answers {
 public:
  answers(const patchbay_host* host, const patchbay_answers* table) : host_(host), table_(table) {}

  /// auth.authenticate: who it is and what it may do.
  verdict allow(const grant& granted) const { return carry(PATCHBAY_ALLOW, granted); }
  /// auth.enrich: merged into what is known.
  verdict enrich(const grant& granted) const { return carry(PATCHBAY_REPLACE, granted); }
  /// auth.enhanced: the last step.
  verdict allow(const grant& granted, bytes last_data) const {
    return granted.with_raw([&](const patchbay_grant& raw) {
      return make(PATCHBAY_ALLOW, [&] { return table_->enhanced(host_, &raw, raw_bytes(last_data)); });
    });
  }
  /// auth.enhanced: data for the client, the exchange goes on.
  verdict proceed(bytes for_client) const {
    return make(PATCHBAY_REPLACE, [&] { return table_->data(host_, raw_bytes(for_client)); });
  }
  /// conn.tls_psk: the key.
  verdict key(bytes value) const {
    return make(PATCHBAY_ALLOW, [&] { return table_->data(host_, raw_bytes(value)); });
  }
  /// conn.detect: the protocol's id.
  verdict protocol(std::string_view id) const {
    return make(PATCHBAY_ALLOW, [&] { return table_->text(host_, raw_text(id)); });
  }
  /// publish.rewrite, publish.unrouted, unsubscribe.rewrite: another topic or filter.
  verdict topic(std::string_view value) const {
    return make(PATCHBAY_REPLACE, [&] { return table_->text(host_, raw_text(value)); });
  }
  /// publish.accept, will.publish, deliver.before: another message. An empty share is a failure.
  verdict replace(message_ref with) const {
    return !with ? verdict::failed() : make(PATCHBAY_REPLACE, [&] { return table_->message(host_, with.release()); });
  }
  /// retain.store: another message and a time to live; an empty share or 0 leaves it as it is.
  verdict retained(message_ref with, std::uint32_t time_to_live_s) const {
    return make(PATCHBAY_REPLACE, [&] { return table_->retained(host_, with.release(), time_to_live_s); });
  }
  /// retain.lookup: besides the stored ones.
  verdict messages(std::vector<message_ref> found) const {
    return make(PATCHBAY_ALLOW, [&] {
      std::vector<const patchbay_message*> raw;
      raw.reserve(found.size());
      for (auto& each : found) raw.push_back(each.release());
      return table_->messages(host_, raw.data(), raw.size());
    });
  }
  /// auth.connect_rewrite, conn.limits, conn.tls_cert, session.open, reply.out: the struct of answers.h; its size is
  /// set here.
  verdict connect(patchbay_connect_fields fields) const {
    return sized(PATCHBAY_REPLACE, fields, [&] { return table_->connect(host_, &fields); });
  }
  verdict limits(patchbay_limits fields) const {
    return sized(PATCHBAY_ALLOW, fields, [&] { return table_->limits(host_, &fields); });
  }
  verdict certificate(patchbay_certificate_identity fields) const {
    return sized(PATCHBAY_ALLOW, fields, [&] { return table_->certificate(host_, &fields); });
  }
  verdict session(patchbay_session_fields fields) const {
    return sized(PATCHBAY_REPLACE, fields, [&] { return table_->session(host_, &fields); });
  }
  verdict reply(patchbay_reply_fields fields) const {
    return sized(PATCHBAY_REPLACE, fields, [&] { return table_->reply(host_, &fields); });
  }
  /// subscribe.rewrite: the first replaces the filter that was asked about, the others are added.
  verdict subscriptions(std::vector<patchbay_subscription> filters) const {
    for (auto& each : filters) each.size = sizeof each;
    return make(PATCHBAY_REPLACE, [&] { return table_->subscription(host_, filters.data(), filters.size()); });
  }
  /// Destroys what an unsent verdict carries.
  void discard(const verdict& unsent) const {
    if ((unsent.raw().flags & PATCHBAY_VERDICT_ARG) != 0) table_->discard(host_, unsent.raw().arg);
  }

 private:
  template <typename Make>
  verdict make(std::uint8_t kind, Make handle) const {
    return table_ == nullptr ? verdict::failed() : verdict::with(kind, handle());
  }
  template <typename Fields, typename Make>
  verdict sized(std::uint8_t kind, Fields& fields, Make handle) const {
    fields.size = sizeof fields;
    return make(kind, handle);
  }
  verdict carry(std::uint8_t kind, const grant& granted) const {
    return granted.with_raw(
        [&](const patchbay_grant& raw) { return make(kind, [&] { return table_->grant(host_, &raw); }); });
  }
  const patchbay_host* host_;
  const patchbay_answers* table_;
};

}  // namespace patchbay
