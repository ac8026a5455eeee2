# Страница инициативы, её редакции и комментарии.
state-draft = Черновик
state-discussion = Обсуждается
state-withdrawn = Отозвана
initiative-by = Автор:
initiative-edited = изменено
initiative-from = с { $host }
initiative-mirrored = Родной сервер этой инициативы — { $host }. Поддержку считает только он.
initiative-original = Открыть оригинал
initiative-draft-notice = Это черновик. Его видите только вы.
initiative-withdrawn-notice = Автор отозвал эту инициативу. Текста больше нет, обсуждение осталось.
initiative-publish = Опубликовать
initiative-edit = Изменить текст
initiative-withdraw = Отозвать
initiative-delete-draft = Удалить черновик
initiative-body = Должны ответить
initiative-revision = Редакция
initiative-revisions = все редакции
initiative-digest = Отпечаток (SHA-256)
reported-by = по данным { $host }
endorsements-unreported = { $host } ещё не сообщил о поддержке
boosts-unreported = { $host } ещё не сообщил о репостах
tally-endorsements = { $n ->
    [one] { $n } голос поддержки
    [few] { $n } голоса поддержки
   *[many] { $n } голосов поддержки
}
tally-boosts = { $n ->
    [one] { $n } репост
    [few] { $n } репоста
   *[many] { $n } репостов
}
tally-comments = { $n ->
    [one] { $n } комментарий
    [few] { $n } комментария
   *[many] { $n } комментариев
}
tally-comments-here = { $n ->
    [one] здесь известен { $n } комментарий
    [few] здесь известно { $n } комментария
   *[many] здесь известно { $n } комментариев
}
support-title = Поддержка
support-endorse = Поддержать
support-unendorse = Отозвать поддержку
support-boost = Поделиться
support-unboost = Отменить репост
support-hint = Поддержка показывает ваш интерес под вашим именем. Это не подпись.
support-from-elsewhere = Чтобы ответить или поддержать со своего сервера, найдите там этот адрес:
support-sign-in = Войти здесь
revisions-title = Редакции
revisions-lead = Каждый опубликованный текст остаётся таким, каким был. Отпечаток меняется с каждым словом, и его может проверить любой.
revision-number = Редакция { $n }
revision-old = Это прежний текст.
revision-present = Читать нынешний
revision-digest-hint = Отпечаток — это SHA-256 от объекта JSON с полями language, problem, proposal и title: ключи по алфавиту, без пробелов.
comments-title = Комментарии
comments-times = Время указано по UTC.
comments-none = Пока никто не ответил.
comments-first = Прежние комментарии
comments-more = Следующие комментарии
comment-title = Комментарий: { $name }
comment-edited = (изменено)
comment-deleted = Автор удалил этот комментарий.
comment-reply = Ответить
comment-edit = Изменить
comment-delete = Удалить
comment-answers = в ответ:
comment-earlier = прежний комментарий
comment-in-thread = Показать в обсуждении
comment-edit-title = Изменить комментарий
comment-edit-label = Ваш комментарий
comment-delete-title = Удалить комментарий?
comment-delete-text = Его текст исчезнет здесь и на всех серверах, где он есть. Место в обсуждении останется.
comment-delete-confirm = Удалить комментарий
answer-title = Ваш ответ
answer-label = Что вы хотите сказать об этой инициативе?
answer-label-comment = Что вы хотите сказать об этом комментарии?
answer-hint = Скажите, что сделало бы её лучше. Все увидят это с вашим именем, в том числе на других серверах.
answer-send = Ответить
answer-to-initiative = Ответить на саму инициативу

# Подписка на одну инициативу.
group-title = Подписаться на эту инициативу
group-follow = Подписаться
group-unfollow = Отписаться
group-hint = Её текст, официальные сообщения и голосования приходят как новости. С другого сервера ищите там:
comment-official = официально
