# Журнал федерации и правила о других серверах, для тех, кто ведёт сервер.
fedlog-title = Другие серверы
fedlog-log = Журнал федерации
fedlog-entry = Запись журнала федерации
fedlog-host = Сервер
fedlog-actor = Участник
fedlog-activity = Действие
fedlog-fate = Что с ним стало
fedlog-direction = Направление
fedlog-any = Любое
fedlog-find = Найти
fedlog-none = Здесь ничего не найдено. Более старые записи могут быть на следующей странице.
fedlog-in = К нам
fedlog-out = От нас
fedlog-at = Когда
fedlog-inbox = Куда отправлено
fedlog-status = Ответ
fedlog-reason = Причина
fedlog-next = Что будет дальше
fedlog-advice = Что можно сделать
fedlog-checks = Проверки
fedlog-attempts = { $n ->
    [one] Сделана { $n } попытка
    [few] Сделаны { $n } попытки
   *[many] Сделано { $n } попыток
}
fedlog-body = { $n ->
    [one] Текст действия, { $n } байт
    [few] Текст действия, { $n } байта
   *[many] Текст действия, { $n } байт
}
fedlog-body-gone = Он больше не хранится.
fedlog-why = Почему, для записи
fedlog-retry = Повторить сейчас
fedlog-drop = Отказаться
fedlog-dismiss = Убрать
fedlog-rule = Правило
fedlog-registrable = Зарегистрированное имя
fedlog-waiting = Ждёт
fedlog-in-flight = В пути
fedlog-dead = Оставлено
fedlog-failures = Неудач подряд
fedlog-next-try = Следующая попытка
fedlog-rests = Отдыхает до
fedlog-last-ok = Последний раз отвечал
fedlog-last-error = Последняя ошибка
fedlog-actors = Известно участников
fedlog-frozen = Заморожено подписок
fedlog-hosts = Серверы, для которых что-то ждёт, оставлено или не удаётся
fedlog-hosts-none = Всё доставлено.
fedlog-dead-jobs = Оставленные задания
fedlog-dead-jobs-none = Таких нет.
fedlog-passed = пройдена
fedlog-failed = не пройдена
fedlog-not-reached = до неё не дошло
fedlog-check-inbox = Такой ящик есть
fedlog-check-content-type = Тип содержимого — ActivityPub
fedlog-check-headers = Ни один решающий заголовок не повторяется
fedlog-check-form = Подпись читается
fedlog-check-coverage = Подпись покрывает всё, что нужно
fedlog-check-time = Время подписи близко к нашему
fedlog-check-json = Тело — один объект JSON
fedlog-check-identity = Есть id, тип и один участник
fedlog-check-digest = Хэш соответствует телу
fedlog-check-origin = Id и участник — с одного сервера
fedlog-check-policy = Правила не против отправителя
fedlog-check-key = Ключ доступен
fedlog-check-owner = Ключ принадлежит участнику
fedlog-check-signature = Подпись сделана этим ключом
fedlog-check-proof = Доказательство, если оно есть, принадлежит автору
fedlog-check-budget = Сервер не шлёт слишком много
fedlog-check-ownership = Участник вправе это сказать
fedlog-check-store = Удалось сохранить
fedlog-fate-applied = Применено
fedlog-fate-no-effect = Принято, ничего не изменило
fedlog-fate-waiting = Ждёт
fedlog-fate-refused = Отклонено
fedlog-fate-delivered = Доставлено
fedlog-fate-dead = Оставлено
fedlog-fate-dismissed = Убрано
fedlog-next-nothing = Ничего: всё закончено.
fedlog-next-in-flight = Над этим идёт работа.
fedlog-next-attempt = Следующая попытка:
fedlog-next-sender-tries = Отправитель должен повторить.
fedlog-next-sender-gives-up = Отправитель считает ответ окончательным.
fedlog-advice-nothing = Делать ничего не нужно.
fedlog-advice-retry-or-drop = Повторите сейчас или откажитесь.
fedlog-advice-retry-when-mended = Когда причина исчезнет, повторите.
fedlog-advice-policy = Правило этого сервера против того сервера. Если так быть не должно, измените правило и повторите.
fedlog-advice-ask-them = Тот сервер отклоняет то, что приходит отсюда. Спросите тех, кто его ведёт, потом повторите.
fedlog-advice-gone = По этому адресу больше никого нет; делать ничего не нужно.
fedlog-advice-their-signature = Тот сервер подписывает не так, как нужно. Скажите тем, кто его ведёт, какая проверка не пройдена.
fedlog-advice-clock = Сверьте часы этой машины с точным временем, потом их часы.
fedlog-advice-proxy = Что-то меняет тело в пути: прокси там или здесь должен передавать его без изменений.
fedlog-advice-key = Ключ отправителя отсюда прочитать нельзя: проверьте, отвечает ли его сервер.
fedlog-advice-forged = Отправитель говорит то, на что не имеет права: подделка или ошибка его программы. Если так продолжится, отклоните сервер.
fedlog-advice-their-software = Запрос не таков, как требует протокол. Скажите тем, кто ведёт тот сервер.
fedlog-advice-budget = Тот сервер шлёт больше, чем позволяют ограничения, и его просят прийти позже. Поднимите предел, если он желанный.
fedlog-advice-database = В этот момент база данных не работала; отправитель повторит.
policy-title = Правила о серверах
policy-mode-open = Участвовать могут все, кроме серверов, против которых есть правило.
policy-mode-allow-list = Участвуют только серверы, которые правило принимает или приглушает.
policy-accept = Принимать
policy-silence = Приглушить
policy-reject = Отклонять
policy-none = правила нет
policy-rules = Правила
policy-rules-none = Правил пока нет.
policy-new = Установить правило
policy-domain = Домен
policy-domain-hint = Правило действует для домена и всего, что под ним.
policy-severity = Строгость
policy-severity-hint = Приглушить: не показывать в списках тем, кто не подписан, и сворачивать. Отклонять: ничего не принимать и не отправлять, подписки заморожены.
policy-public-comment = Публичное пояснение
policy-private-comment = Пояснение для своих
policy-reject-media = Без картинок и файлов
policy-reject-reports = Без жалоб
policy-obfuscate = Скрыть середину имени от посторонних
policy-set = Установить правило
policy-unset = Снять правило
policy-import = Загрузить список
policy-file = Список
policy-file-hint = Как его выгружает Mastodon: первая строка называет столбцы и начинается с #domain.
policy-replace = Снять правила, которых нет в списке
policy-preview = Показать, что изменится
policy-plan = Что изменится
policy-plan-unchanged = { $n ->
    [one] { $n } правило остаётся как есть.
    [few] { $n } правила остаются как есть.
   *[many] { $n } правил остаются как есть.
}
policy-apply = Внести эти изменения
policy-export = Все правила файлом
policy-export-allowed = Принятые домены файлом
policy-published = Правила о других серверах
comment-sensitive = Деликатное содержание
comment-silenced = Ответ с сервера, который здесь приглушён
