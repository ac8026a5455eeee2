# Вход, регистрация, своя страница и настройки.
sign-in-title = Вход
sign-in-login = Имя пользователя или адрес почты
sign-in-password = Пароль
sign-in-send = Войти
sign-in-no-account = Ещё нет учётной записи?
sign-in-fediverse = Участвовать можно и без учётной записи здесь.
register-title = Регистрация
register-lead = С учётной записью можно писать инициативы, отвечать и поддерживать.
register-handle = Имя пользователя
register-handle-hint = От 2 до 30 знаков: латинские буквы a–z, цифры и _. Другие увидят вас как @имя@{ $host }. Изменить его потом нельзя.
register-name = Как вас называть
register-name-hint = Если не указать, будет показано имя пользователя.
register-email = Адрес электронной почты
register-email-hint = С ним можно входить. Его никто не увидит.
register-password = Пароль
register-password-hint = { $n ->
    [one] Не короче { $n } знака.
    [few] Не короче { $n } знаков. Несколько слов легко запомнить и трудно угадать.
   *[many] Не короче { $n } знаков. Несколько слов легко запомнить и трудно угадать.
}
register-privacy = Всё, что вы здесь пишете, открыто для всех и уходит на другие серверы под вашим именем.
register-send = Зарегистрироваться
register-closed-title = Регистрация закрыта
register-closed-text = Сейчас этот сервер не принимает новые учётные записи. Участвовать можно с другого сервера федиверса.
setup-title = Настройка сервера
setup-lead = Здесь создаётся первая учётная запись, которая управляет сервером. Ссылка действует один раз.
setup-send = Создать учётную запись
profile-body = Ведомство
profile-since = Здесь с
profile-edit = Изменить мою страницу
profile-initiatives = Инициативы
profile-initiatives-body = Инициативы, на которые оно должно ответить
settings-title = Настройки
settings-name = Как вас называть
settings-name-hint = Показывается рядом со всем, что вы пишете.
settings-about = О себе
settings-about-hint = Показывается на вашей странице. Не больше 500 знаков.
settings-language = Язык страниц
settings-saved = Сохранено.
